"""A server that speaks the chat completions of the OpenAI API: vLLM, llama.cpp, Ollama and many others.

Nothing but the given address is spoken to: no proxy of the environment, no redirection.
"""

import base64
import json
import random
import ssl
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, ValidationError

from omnibind_ros.errors import ConfigurationError, OmnibindError
from training.knowledge.pace import Pace
from training.knowledge.question import Answer, Question, Sampling

KEY_VARIABLE = "OMNIBIND_SERVER_KEY"
_LONGEST_BACKOFF_S = 60.0
_LONGEST_WAIT_S = 600.0
_TOLD_FROM_S = 5.0
_MOST_BYTES = 16 * 2**20
_MOST_TOLD = 300
_AGAIN = "what was answered is kept: run the same command again"
_REMEDIES = {
    401: f"put the key of the server into the environment variable {KEY_VARIABLE}",
    402: "the account of the server has no credit left",
    403: f"the key in {KEY_VARIABLE} may not use this model",
    404: "check --server, which often ends in /v1, and --model",
    413: "take a model that reads longer questions, or none with a picture: --text-only",
}
_OTHER_REMEDY = "check --model; a model that sees no pictures needs --text-only"
_NO_CREDIT = "insufficient_quota"


class ServerError(OmnibindError):
    """A language model's server that cannot be reached, refuses, or answers what nobody can read."""


class _Passing(Exception):  # noqa: N818 - no error yet: the same request may be answered a little later
    """Why a request failed this time; wait_s: how long the server asks to wait."""

    def __init__(self, problem: str, *, remedy: str = _AGAIN, wait_s: float | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
        self.wait_s = wait_s


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(BaseModel):
    """What is read of an answer: https://platform.openai.com/docs/api-reference/chat/object ."""

    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage = _Usage()


class ChatServer:
    """One model of one server."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        key: str = "",
        sampling: Sampling = Sampling(),  # noqa: B008 it is frozen
        pace: Pace | None = None,
        timeout_s: float = 120.0,
        attempts: int = 6,
        backoff_s: float = 1.0,
    ) -> None:
        """url: to which `/chat/completions` is added. key: sent as bearer token, "" for none.

        attempts: how often one question is sent; after the first failure `backoff_s` passes, then twice as much and so
        on, a random part of it left out, or as long as the server says. Raises ConfigurationError.
        """
        self._connect, self._path = _address(url)
        self._url = url
        self._timeout_s = timeout_s
        self._headers = {"Content-Type": "application/json", **_authorisation(key)}
        self._key = key
        self._sampling = sampling
        self._pace = pace or Pace()
        self._attempts = attempts
        self._backoff_s = backoff_s
        self._has_answered = False
        self.name = model
        self.settings = repr(sampling)

    def answer(self, question: Question) -> Answer:
        """Ask until there is an answer. Raises ServerError."""
        body = json.dumps(self._body(question)).encode()
        for attempt in range(1, self._attempts + 1):
            self._pace.wait()
            try:
                return self._ask(body)
            except _Passing as fault:
                wait_s = fault.wait_s
                if wait_s is None:
                    longest = min(_LONGEST_BACKOFF_S, self._backoff_s * 2 ** (attempt - 1))
                    wait_s = longest * random.uniform(0.5, 1)  # noqa: S311 - no secret
                if wait_s > _LONGEST_WAIT_S:
                    raise self._error(f"{fault.problem}; it asks to wait {wait_s:.0f} s", _AGAIN) from fault
                if attempt == self._attempts:
                    raise self._error(f"{fault.problem}, {attempt} times", fault.remedy) from fault
                if wait_s >= _TOLD_FROM_S:
                    print(f"{self._url}: {fault.problem}; waiting {wait_s:.0f} s")
                self._pace.pause(wait_s)
        raise AssertionError("there is at least one attempt")

    def _body(self, question: Question) -> dict[str, Any]:
        # servers of text models know no content but a string
        content: Any = question.prompt
        if question.picture is not None:
            data = base64.b64encode(question.picture).decode()
            content = [
                {"type": "text", "text": question.prompt},
                {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}},
            ]
        return {
            "model": self.name,
            "messages": [{"role": "user", "content": content}],
            "temperature": self._sampling.temperature,
            "max_tokens": self._sampling.answer_tokens,
            "seed": question.seed,
        }

    def _ask(self, body: bytes) -> Answer:
        """One request. Raises _Passing where the next one may succeed, ServerError where none will."""
        try:
            status, headers, content = self._post(body)
        except ssl.SSLCertVerificationError as error:
            raise self._error(f"its certificate is not valid: {error.verify_message}", "check --server") from error
        except (OSError, HTTPException) as error:
            problem = f"it cannot be reached: {error or type(error).__name__}"
            if not self._has_answered and not isinstance(error, TimeoutError):
                raise self._error(problem, "start it, and check --server") from error
            raise _Passing(problem) from error
        self._has_answered = True
        if status != 200:
            raise self._refusal(status, headers, content)
        try:
            completion = _Completion.model_validate_json(content)
        except ValidationError as error:
            raise _Passing(
                f"it answers no chat completion: {self._quoted(content)}", remedy="check --server and --model"
            ) from error
        choice, usage = completion.choices[0], completion.usage
        is_cut = choice.finish_reason == "length"
        return Answer(choice.message.content or "", is_cut, usage.prompt_tokens, usage.completion_tokens)

    def _post(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        connection = self._connect(timeout=self._timeout_s)
        try:
            connection.request("POST", self._path, body, self._headers)
            response = connection.getresponse()
            return response.status, dict(response.headers.items()), response.read(_MOST_BYTES)
        finally:
            connection.close()

    def _refusal(self, status: int, headers: Mapping[str, str], content: bytes) -> Exception:
        problem = f"it answers {status}: {self._quoted(content)}"
        if status == 429 and _NO_CREDIT in content.decode(errors="replace"):
            return self._error(problem, _REMEDIES[402])
        if status in {408, 425, 429} or status >= 500:
            remedy = f"lower --requests-per-minute or --parallel; {_AGAIN}" if status == 429 else _AGAIN
            return _Passing(problem, remedy=remedy, wait_s=seconds_to_wait(headers.get("Retry-After")))
        return self._error(problem, _REMEDIES.get(status, _OTHER_REMEDY))

    def _quoted(self, content: bytes) -> str:
        """The beginning of what a server sent, on one line, without the key, which some servers repeat."""
        text = " ".join(content.decode(errors="replace").split())
        text = text.replace(self._key, "***") if self._key else text
        return text[:_MOST_TOLD] or "nothing"

    def _error(self, problem: str, remedy: str) -> ServerError:
        return ServerError(problem, remedy=remedy, source=self._url)


def seconds_to_wait(retry_after: str | None) -> float | None:
    """What the header Retry-After asks for, in seconds from now; None without one that can be read (RFC 9110)."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return max(0.0, (moment - datetime.now(timezone.utc)).total_seconds())


class _Connect:
    """Makes connections to one host."""

    def __init__(self, secure: bool, host: str, port: int | None) -> None:
        self._kind = HTTPSConnection if secure else HTTPConnection
        self._host = host
        self._port = port

    def __call__(self, timeout: float) -> HTTPConnection:
        return self._kind(self._host, self._port, timeout=timeout)


def _address(url: str) -> tuple[_Connect, str]:
    """How to connect to a server, and the path that answers questions. Raises ConfigurationError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise ConfigurationError(
            "it is no address of a server", remedy="write it like http://127.0.0.1:8000/v1", source="--server"
        )
    if parts.username or parts.password:
        raise ConfigurationError(
            "it holds a password", remedy=f"leave it out; a key belongs into {KEY_VARIABLE}", source="--server"
        )
    return _Connect(parts.scheme == "https", host, port), f"{parts.path.rstrip('/')}/chat/completions"


def _authorisation(key: str) -> dict[str, str]:
    """Raises ConfigurationError, which does not repeat the key."""
    if not key:
        return {}
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(
            "it holds what no key holds: spaces, line ends or letters beyond ASCII",
            remedy="set it again",
            source=KEY_VARIABLE,
        )
    return {"Authorization": f"Bearer {key}"}
