"""A server of chat completions in a process of its own: `python chat_server_process.py LOG FAULTS`.

It prints its port, answers every question with as many sentences as it asks for, and writes each request to LOG, a JSON
object a line. FAULTS: a JSON list of what goes wrong with the first requests, one after the other; null is an answer.
"""

import base64
import hashlib
import json
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LOG, FAULTS = Path(sys.argv[1]), json.loads(sys.argv[2])
LOCK = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt, picture = told(body["messages"][0]["content"])
        with LOCK:
            fault = FAULTS.pop(0) if FAULTS else None
            entry = {
                "path": self.path, "key": self.headers.get("Authorization"), "prompt": prompt, "picture": picture,
                "seed": body["seed"], "model": body["model"], "tokens": body["max_tokens"], "fault": fault,
            }  # fmt: skip
            with LOG.open("a") as log:
                log.write(json.dumps(entry) + "\n")
        if fault and "hold" in fault:
            while not Path(fault["hold"]).exists():
                time.sleep(0.02)
            fault = None
        self.send(prompt, body["seed"], fault or {})

    def send(self, prompt: str, seed: int, fault: dict) -> None:
        if fault.get("drop"):
            self.close_connection = True
            self.connection.close()
            return
        status = fault.get("status", 200)
        text = fault.get("raw") or (json.dumps(completion(prompt, seed, fault)) if status == 200 else "no")
        self.send_response(status)
        if "retry_after" in fault:
            self.send_header("Retry-After", fault["retry_after"])
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


def told(content: str | list) -> tuple[str, str | None]:
    """Prompt and hash of the picture, which has to be a JPEG file."""
    if isinstance(content, str):
        return content, None
    text, image = content
    data = base64.b64decode(image["image_url"]["url"].removeprefix("data:image/jpeg;base64,"), validate=True)
    assert data.startswith(b"\xff\xd8")
    return text["text"], hashlib.sha256(data).hexdigest()


def completion(prompt: str, seed: int, fault: dict) -> dict:
    wanted = re.search(r"Write (\d+)|with (\d+) sentences", prompt)
    label = re.search(r"Name the (.*?)(?: in every|\.)", prompt)
    count = int(wanted[1] or wanted[2]) if wanted else 1
    kind = hashlib.sha256(prompt.encode()).hexdigest()[:6]
    lines = [f"{number}. The {label[1]} of kind {kind} {seed} {number} is here." for number in range(1, count + 1)]
    text = fault.get("text", "Sure, here they are:\n" + "\n".join(lines))
    usage = {} if fault.get("uncounted") else {"usage": {"prompt_tokens": 100, "completion_tokens": 10}}
    finish = fault.get("finish", "stop")
    return {"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": finish}], **usage}


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
