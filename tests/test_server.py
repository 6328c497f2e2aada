"""`curdbee-compat serve`, the real one: how it starts, whom it lets near, what it bears, and how it stops."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
import secrecy
from backends import ON_SQLITE
from commands import Commands, one_line
from databases import Database
from flask import Flask
from served import TIMEOUT, Server, free_port, read_reply, request
from tables import by_row

from curdbee_compat import server as serving

HOST = "Host: ledger.test"
ALIVE = request("GET /healthz", HOST)
HALF = request("POST /invoices", HOST, "Content-Length: 4", body=b"{}")


@contextmanager
def started(commands: Commands, log: Path, *words: str) -> Iterator[tuple[subprocess.Popen, int]]:
    """A server of its own in a process group of its own, and its port."""
    port = free_port()
    arguments = [sys.executable, "-m", "curdbee_compat.cli", "serve", "--port", str(port), "--workers", "1", *words]
    with open(log, "wb") as file:
        process = subprocess.Popen(arguments, env=commands.environ(), stdout=file, stderr=file, start_new_session=True)
    try:
        deadline = time.monotonic() + 30
        while "Listening" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield process, port
    finally:
        process.terminate()
        try:
            process.wait(timeout=TIMEOUT)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            secrecy.check(log.read_bytes(), "serve")


def connected(port: int) -> socket.socket:
    """A connection to such a server."""
    return socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)


@pytest.fixture
def commands(served_database: Database, instance: Path) -> Commands:
    """Commands on the database behind `server`."""
    return Commands(served_database.url, instance)


def test_it_names_its_database_and_where_it_listens(server: Server, backend: str, instance: Path) -> None:
    database, listening = server.log.splitlines()[:2]
    assert listening == f"Listening on {server.url}/"
    if backend == "sqlite":
        assert database == f"Database: sqlite:///{instance}/served.db"
    else:
        assert database.startswith("Database: postgresql+psycopg://")
        assert ":***@" in database or "@" not in database


def test_a_request_is_one_line_of_the_log(server: Server) -> None:
    assert server.raw(request("GET /nowhere-else", HOST)).status == 401
    assert [line.split()[3:5] for line in server.log.splitlines() if "/nowhere-else" in line] == [
        ["GET", "'/nowhere-else'"]
    ]


def test_a_request_that_cannot_be_read_leaves_no_token_in_the_log(server: Server) -> None:
    assert server.raw(request("GET /invoices?api_token=hidden&name=caf\xe9", HOST)).status == 400
    assert "hidden" not in server.log


@ON_SQLITE
@by_row(
    "headers",
    {
        "scheme": ["X-Forwarded-Proto: https"],
        "schemes that disagree": ["X-Forwarded-Proto: https", "X-Forwarded-Ssl: off"],
        "host": ["X-Forwarded-Host: other.test"],
        "prefix": ["Script_Name: /other"],
    },
)
def test_nobody_is_believed_to_be_a_proxy_unless_told(server: Server, headers: list[str]) -> None:
    reply = server.raw(request("GET /", HOST, *headers))
    assert reply.status == 200
    assert b"http://ledger.test/invoices" in reply.body


@ON_SQLITE
def test_a_trusted_proxy_says_scheme_and_host(commands: Commands, tmp_path: Path) -> None:
    commands.settings["CURDBEE_TRUSTED_PROXIES"] = "1"
    with started(commands, tmp_path / "log") as (_, port), connected(port) as connection:
        connection.sendall(request("GET /", HOST, "X-Forwarded-Proto: https", "X-Forwarded-Host: shop.test"))
        assert b"https://shop.test/invoices" in read_reply(connection.makefile("rb")).body


@ON_SQLITE
@by_row(
    "headers",
    {
        "a name with underscores": [HOST, "X_Old_Client: 1", "API_TOKEN: x"],
        "a host with underscores": ["Host: old_shop.test"],
        "a host that is none": ["Host: what is/this"],
        "a host beyond ascii": ["Host: caf\xe9.test"],
        "half an ipv6 host": ["Host: [::1"],
        "an empty host": ["Host:"],
        "a port that is none": ["Host: shop.test:port"],
    },
)
@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/invoices", 401)])
def test_odd_headers_do_not_matter(server: Server, path: str, status: int, headers: list[str]) -> None:
    assert server.raw(request(f"GET {path}", *headers)).status == status


@ON_SQLITE
def test_a_request_line_may_have_8190_bytes(server: Server) -> None:
    line = f"GET /healthz?q={'a' * 9000}"[: 8190 - len(" HTTP/1.1")]
    assert server.raw(request(line, HOST)).status == 200
    assert server.raw(request(f"{line}a", HOST)).status == 414


@ON_SQLITE
def test_a_connection_is_kept_for_the_next_request(server: Server) -> None:
    with server.connect() as connection:
        stream = connection.makefile("rb")
        for pause in (3, 0):
            connection.sendall(ALIVE)
            reply = read_reply(stream)
            assert (reply.status, reply.body, reply.closed) == (200, b"ok\n", False)
            time.sleep(pause)


def test_http_1_0_gets_a_whole_answer_and_the_end(server: Server) -> None:
    answer = server.until_close(request("GET /healthz", version="HTTP/1.0"))
    head, body = answer.split(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 200 OK\r\n")
    assert b"\r\nContent-Length: 3" in head
    assert b"chunked" not in head
    assert body == b"ok\n"


@ON_SQLITE
@by_row("sent", {"SIGTERM": signal.SIGTERM, "Ctrl-C": signal.SIGINT})
def test_open_connections_are_answered_before_the_server_stops(
    commands: Commands, tmp_path: Path, sent: signal.Signals
) -> None:
    with started(commands, tmp_path / "log") as (process, port):
        with connected(port) as connection, connected(port) as kept:
            kept.sendall(ALIVE)
            stream = kept.makefile("rb")
            assert read_reply(stream).status == 200
            connection.sendall(HALF)
            time.sleep(1)
            # A terminal sends Ctrl-C to all of its processes, a service manager SIGTERM to the first.
            os.killpg(process.pid, sent) if sent == signal.SIGINT else process.send_signal(sent)
            time.sleep(0.5)
            kept.sendall(ALIVE)
            assert read_reply(stream).status == 200
            connection.sendall(b"  ")
            assert read_reply(connection.makefile("rb")).status == 401
        assert process.wait(timeout=TIMEOUT) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()
    with pytest.raises(ConnectionRefusedError):
        connected(port)


@ON_SQLITE
def test_a_second_ctrl_c_does_not_wait(commands: Commands, tmp_path: Path) -> None:
    with started(commands, tmp_path / "log") as (process, port), connected(port) as connection:
        connection.sendall(HALF)
        time.sleep(1)
        for _ in range(2):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.5)
        process.wait(timeout=10)  # a request that goes on is waited for 30 seconds


@ON_SQLITE
def test_sigquit_ends_one_that_has_only_just_started(commands: Commands, tmp_path: Path) -> None:
    with started(commands, tmp_path / "log") as (process, _):
        time.sleep(0.2)
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=8)  # who has begun to answer is given 10 seconds by SIGTERM


@ON_SQLITE
@pytest.mark.parametrize(("graceful", "seconds"), [(True, 10), (False, 2)])
def test_sigquit_does_not_wait_for_workers_that_are_still_starting(app: Flask, graceful: bool, seconds: int) -> None:
    master = serving.Master(serving.Server(app, socket.create_server(("127.0.0.1", 0)), 1))
    master.stop(graceful)
    assert master.cfg.graceful_timeout == seconds


@ON_SQLITE
def test_no_control_socket_is_made(commands: Commands, tmp_path: Path) -> None:
    commands.settings |= {"HOME": str(tmp_path / "home"), "XDG_RUNTIME_DIR": str(tmp_path / "run")}
    for folder in ("home", "run"):
        (tmp_path / folder).mkdir()
    with started(commands, tmp_path / "log"):
        time.sleep(2)
        assert [path for folder in ("home", "run") for path in (tmp_path / folder).rglob("*")] == []


def test_no_worker_inherits_a_connection_to_the_database(commands: Commands, tmp_path: Path) -> None:
    with started(commands, tmp_path / "log") as (process, port):
        with connected(port) as client, client.makefile("rb") as replies:
            client.sendall(ALIVE)
            assert read_reply(replies).status == 200
        files = Path(f"/proc/{process.pid}/fd")
        opened = [os.readlink(file) for file in files.iterdir()]
    assert sum(name.startswith("socket:") for name in opened) == 1, opened  # the one it listens on
    assert not [name for name in opened if ".db" in name]


@ON_SQLITE
def test_all_workers_have_the_application_that_was_checked(app: Flask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert serving.Server(app, listener, 2).load() is app


@ON_SQLITE
def test_a_port_in_use_is_one_line_at_once(server: Server, commands: Commands) -> None:
    began = time.monotonic()
    line = one_line(commands.process("serve", "--port", str(server.port), status=1).stderr)
    assert line.startswith(f"cannot listen on 127.0.0.1, port {server.port}: Address already in use")
    assert time.monotonic() - began < 10


@ON_SQLITE
@by_row("host", {"unknown": "host.invalid", "too long": "a" * 64, "of another machine": "192.0.2.1"})
def test_a_host_that_cannot_be_had_is_one_line(commands: Commands, host: str) -> None:
    result = commands.process("serve", "--host", host, "--port", "0", status=1)
    assert one_line(result.stderr).startswith("cannot listen on ")


def test_an_old_schema_is_not_served(tmp_path: Path) -> None:
    commands = Commands(f"sqlite:///{tmp_path}/empty.db", tmp_path)
    line = one_line(commands.process("serve", "--port", "0", status=1).stderr)
    assert line == "the database has no schema yet; run: curdbee-compat db upgrade"


@ON_SQLITE
def test_a_free_port_is_chosen_for_port_0(commands: Commands, tmp_path: Path) -> None:
    with started(commands, tmp_path / "log", "--port", "0"):
        log = (tmp_path / "log").read_text()
    assert "Listening on http://127.0.0.1:" in log
    assert "Listening on http://127.0.0.1:0/" not in log


def test_of_a_name_with_several_addresses_the_ipv4_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        (family, socket.SOCK_STREAM, 6, "", (host, 8000))
        for family, host in [(socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1")]
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert serving.resolved("localhost", 8000) == (socket.AF_INET, ("127.0.0.1", 8000))


def test_an_ipv6_address_is_bracketed_in_the_url() -> None:
    listener = SimpleNamespace(getsockname=lambda: ("::1", 8000, 0, 0))
    assert serving.url(listener) == "http://[::1]:8000/"


@ON_SQLITE
@by_row(
    "line, headers, sent",
    {
        "a head": ("GET /heal", (), b""),
        "a body": ("POST /invoices", (HOST, "Content-Length: 100"), b"payment"),
        "chunks": ("POST /invoices", (HOST, "Transfer-Encoding: chunked"), b"7\r\npayment\r\n"),
    },
)
def test_clients_that_send_slowly_hold_up_nobody(
    server: Server, line: str, headers: tuple[str, ...], sent: bytes
) -> None:
    """Far more of them than there are requests at a time."""
    with ExitStack() as stack:
        for _ in range(20):
            slow = stack.enter_context(server.connect())
            slow.sendall(request(line, *headers, body=sent) if headers else line.encode())
        time.sleep(0.5)
        began = time.monotonic()
        for _ in range(10):
            assert server.raw(ALIVE).status == 200
        assert time.monotonic() - began < 2
