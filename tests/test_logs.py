"""The log: a line for each request that names who, what and how, and never a secret."""

import logging
import re
import secrets
from time import sleep

import pytest
from backends import ON_SQLITE
from factories import token_of
from flask import Flask
from inprocess import Http, basic
from served import Server
from tables import by_row

from curdbee_compat.logs import Lines

TOKEN = token_of("demo")
LINE = re.compile(r"GET '/clients\?page=2' 200 [0-9.]+ms user=(\d+) 192\.0\.2\.1 \[(\w{16,})\]")


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is logged meanwhile."""
    caplog.set_level(logging.INFO)
    return caplog


def test_a_line_for_each_request(app: Flask, user: int, log: pytest.LogCaptureFixture) -> None:
    headers = {"Authorization": basic("demo", "demo")}
    for _ in range(2):
        app.test_client().get("/clients?page=2", headers=headers, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    found = [LINE.fullmatch(message) for message in log.messages]
    assert [match and int(match[1]) for match in found] == [user, user]
    assert found[0][2] != found[1][2]


def test_a_refused_request_has_a_line_too(http: Http, log: pytest.LogCaptureFixture) -> None:
    for path, auth, status in (("/clients", None, 401), ("/nothing", ("demo", "demo"), 404)):
        log.clear()
        assert http.raw("GET", path, auth=auth).status_code == status
        assert [f"'{path}' {status}" in message for message in log.messages] == [True]


def test_what_a_client_sends_cannot_forge_a_line(http: Http, log: pytest.LogCaptureFixture) -> None:
    log.clear()
    http.raw("GET", "/clients%0aforged%0d?x=%0aforged&%0aforged=1")
    http.raw("GET", "/clients?api_token=%0aforged", auth=None)
    assert [len(message.splitlines()) for message in log.messages] == [1, 1]


@by_row(
    "path, sent",
    {
        "token": ("/clients?api_token={secret}", {}),
        "token-between-others": ("/clients?page=1&api_token={secret}&per_page=2", {}),
        "token-twice": ("/clients?api_token=x&api_token={secret}", {}),
        "token-percent-encoded-name": ("/clients?api%5Ftoken={secret}", {}),
        "token-percent-encoded-letter": ("/clients?%61pi_token={secret}", {}),
        "token-of-other-case": ("/clients?API_TOKEN={secret}", {}),
        "token-with-format": ("/clients.xml?api_token={secret}", {}),
        "token-on-unknown-path": ("/nothing?api_token={secret}", {}),
        "token-on-open-path": ("/healthz?api_token={secret}", {}),
        "token-in-brackets": ("/clients?user[api_token]={secret}", {}),
        "password-in-query": ("/clients?password={secret}", {}),
        "basic-password": ("/clients", {"headers": {"Authorization": basic("demo", "{secret}")}}),
        "token-as-basic-name": ("/clients", {"auth": ("{secret}", "")}),
        "token-in-json": ("/clients", {"json": {"api_token": "{secret}", "client": {"name": "x"}}}),
        "token-in-form": ("/clients", {"form": {"api_token": "{secret}"}}),
        "bearer": ("/clients", {"headers": {"Authorization": "Bearer {secret}"}}),
    },
)
@pytest.mark.parametrize("right", [False, True], ids=["wrong", "right"])
def test_no_secret_is_logged(http: Http, log: pytest.LogCaptureFixture, path: str, sent: dict, right: bool) -> None:
    secret = TOKEN if right else secrets.token_urlsafe(15)
    log.clear()
    filled = {name: replaced(value, secret) for name, value in sent.items()}
    response = http.raw(
        "POST" if {"json", "form"} & filled.keys() else "GET", path.format(secret=secret), **{"auth": None, **filled}
    )
    assert response.status_code < 500
    assert log.messages
    assert secret not in log.text


def replaced(value: object, secret: str) -> object:
    """The value with `{secret}` filled in, however deep."""
    if isinstance(value, str):
        return value.replace("{secret}", secret)
    if isinstance(value, tuple):
        return tuple(replaced(part, secret) for part in value)
    return {name: replaced(part, secret) for name, part in value.items()} if isinstance(value, dict) else value


@ON_SQLITE
@by_row(
    "line",
    {
        "ordinary": b"GET /clients?api_token=%s HTTP/1.1",
        "old": b"GET /clients?api_token=%s HTTP/1.0",
        "unknown-version": b"GET /clients?api_token=%s HTTP/9.9",
        "no-version": b"GET /clients?api_token=%s",
        "raw-byte": b"GET /clients?name=\xe9&api_token=%s HTTP/1.1",
        "too-long": b"GET /clients?api_token=%s&" + b"x" * 9000 + b" HTTP/1.1",
        "bad-method": b"get{} /clients?api_token=%s HTTP/1.1",
        "bad-header": b"GET /clients?api_token=%s HTTP/1.1\r\nBad Header",
        "bad-length": b"POST /clients?api_token=%s HTTP/1.1\r\nContent-Length: x",
    },
)
def test_the_server_logs_none_either(server: Server, line: bytes) -> None:
    secret = secrets.token_urlsafe(15)
    before = len(server.log)
    answer = server.until_close(line % secret.encode() + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.")
    sleep(0.2)  # for a line that may be written after the answer
    assert secret not in server.log[before:]


@pytest.mark.parametrize("moments", [(0.0, 0.25, 0.999), (5.5, 6.0, 5.5), (1.001, 61.001, 3601.001)])
def test_times_are_written_as_logging_writes_them(moments: tuple[float, ...]) -> None:
    ours, usual = Lines(), logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    for moment in moments:
        record = logging.LogRecord("any", logging.INFO, "", 0, "said %s", ("so",), None)
        record.created, record.msecs = moment, moment % 1 * 1000 // 1
        assert ours.format(record) == usual.format(record)
