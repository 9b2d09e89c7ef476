import json
import socket
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import cv2
import numpy as np
import pytest

from omnibind_ros.errors import ConfigurationError
from training.knowledge.chat_server import ChatServer, ServerError, seconds_to_wait
from training.knowledge.pace import Pace
from training.knowledge.question import Answer, Question, Sampling

KEY = "sk-very-secret-1234"
QUESTION = Question("Write 2 different sentences.\nName the mug.", seed=7)


class Waits:
    """A clock that sleeping turns on, and what was waited."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waited: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds

    def pace(self) -> Pace:
        return Pace(clock=lambda: self.now, sleep=self.sleep)


def asked(server, waits: Waits | None = None, **options) -> Answer:
    pace = (waits or Waits()).pace()
    return ChatServer(server.url, "tiny", pace=pace, **options).answer(QUESTION)


def test_a_question_is_answered_with_its_tokens(serve):
    server = serve()
    answer = asked(server, key=KEY, sampling=Sampling(answer_tokens=50))
    assert "1. The mug of kind" in answer.text
    assert (answer.tokens_in, answer.tokens_out, answer.is_cut) == (100, 10, False)
    (request,) = server.requests
    assert request["path"] == "/v1/chat/completions"
    assert request["key"] == f"Bearer {KEY}"
    assert (request["model"], request["seed"], request["tokens"]) == ("tiny", 7, 50)


def test_a_picture_goes_along_as_jpeg(serve):
    server = serve()
    _, picture = cv2.imencode(".jpg", np.zeros((8, 8, 3), np.uint8))
    ChatServer(server.url, "tiny").answer(Question(QUESTION.prompt, picture.tobytes()))
    assert server.requests[0]["picture"]


def test_without_a_key_none_is_sent_and_tokens_may_be_uncounted(serve):
    server = serve({"uncounted": True})
    assert asked(server).tokens_in is None
    assert server.requests[0]["key"] is None


def test_an_answer_at_the_limit_of_tokens_is_cut(serve):
    assert asked(serve({"finish": "length"})).is_cut


def test_a_server_that_fails_is_asked_again_ever_later(serve):
    server, waits = (
        serve({"status": 500}, {"drop": True}, {"raw": '{"choices": ['}, {"raw": "{}"}, {"status": 503}),
        Waits(),
    )
    assert asked(server, waits, backoff_s=2.0).text
    assert len(server.requests) == 6
    for wait, longest in zip(waits.waited, (2, 4, 8, 16, 32), strict=True):
        assert longest / 2 <= wait <= longest


def test_a_server_says_how_long_to_wait_and_the_user_is_told(serve, capsys):
    server, waits = serve({"status": 429, "retry_after": "42"}), Waits()
    assert asked(server, waits).text
    assert waits.waited == [42]
    assert "it answers 429: no; waiting 42 s" in capsys.readouterr().out


def test_a_server_that_asks_for_too_long_a_wait_ends_it(serve):
    with pytest.raises(ServerError, match="asks to wait 7200 s.*run the same command again"):
        asked(serve({"status": 429, "retry_after": "7200"}))


def test_a_server_that_fails_always_is_told_with_its_answer(serve):
    server = serve(*[{"status": 500, "raw": "out of\nmemory"}] * 3)
    with pytest.raises(ServerError) as told:
        asked(server, attempts=3)
    assert "it answers 500: out of memory, 3 times" in str(told.value)
    assert server.url in str(told.value)
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("fault", "remedy"),
    [
        ({"status": 401}, "environment variable OMNIBIND_SERVER_KEY"),
        ({"status": 404}, "check --server"),
        ({"status": 400}, "--text-only"),
        ({"status": 302}, "check --model"),
        ({"status": 429, "raw": '{"error": {"code": "insufficient_quota"}}'}, "no credit"),
    ],
)
def test_what_no_waiting_helps_is_told_at_once(serve, fault, remedy):
    server = serve(fault)
    with pytest.raises(ServerError, match=remedy):
        asked(server)
    assert len(server.requests) == 1


def test_no_server_at_all_is_told_at_once():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(ServerError, match="start it"):
        ChatServer(url, "tiny").answer(QUESTION)


def test_a_server_that_does_not_answer_in_time_is_asked_again(serve, tmp_path):
    server = serve({"hold": str(tmp_path / "never")})
    assert asked(server, timeout_s=0.5).text
    assert len(server.requests) == 2


def test_the_key_is_in_no_error_even_when_the_server_repeats_it(serve):
    server = serve({"status": 401, "raw": json.dumps({"error": f"wrong key {KEY}"})})
    with pytest.raises(ServerError) as told:
        asked(server, key=KEY)
    assert KEY not in str(told.value)
    assert "wrong key ***" in str(told.value)
    with pytest.raises(ConfigurationError) as told:
        ChatServer("http://localhost", "tiny", key=f"{KEY}\r\nX-Other: 1")
    assert KEY not in str(told.value)
    assert KEY not in repr(ChatServer("http://localhost", "tiny", key=KEY))


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://localhost", "http://", "http://a:b@c/v1", "http://[x", "http://h:x"]
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ConfigurationError):
        ChatServer(url, "tiny")


def test_a_proxy_of_the_environment_is_not_used(serve, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert asked(serve()).text


def test_waits_are_read_in_seconds_and_as_dates():
    soon = datetime.now(timezone.utc) + timedelta(seconds=30)
    assert seconds_to_wait("7") == 7
    assert seconds_to_wait(format_datetime(soon, usegmt=True)) == pytest.approx(30, abs=5)
    assert seconds_to_wait("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert seconds_to_wait("soon") is seconds_to_wait("-1") is seconds_to_wait("²") is seconds_to_wait(None) is None
