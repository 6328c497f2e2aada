"""`wsgi.py` under others than the server behind `serve`: gunicorn's own command, uWSGI, and as mod_wsgi loads it."""

import importlib.util
import json
import os
import shlex
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper

import pytest
from backends import ON_SQLITE
from databases import Database
from inprocess import basic
from served import Server, free_port, read_reply, request
from shops import PASSWORD, Shop
from tables import by_row
from tethered import Tethered
from werkzeug.test import run_wsgi_app

pytestmark = ON_SQLITE

TOP = Path(__file__).resolve().parent.parent
PAYMENT = {"payment": {"date": "2010-09-30", "amount": "5.00"}}
JSON_TYPE = "Content-Type: application/json"
# As docs/operating.md shows them, but for addresses and numbers of processes.
COMMANDS = {
    "gunicorn": "gunicorn --bind 127.0.0.1:{port} --threads 4 --limit-request-line 8190 "
    "--log-level error --no-control-socket wsgi:app",
    "uwsgi": "uwsgi --http-socket 127.0.0.1:{port} --master --threads 4 --module wsgi:app --virtualenv {prefix} "
    "--need-app --buffer-size 32768 --disable-logging "
    "--hook-master-start 'unix_signal:15 gracefully_kill_them_all' --worker-reload-mercy 10",
}


class Other(Server):
    """A WSGI server that serves `wsgi:app` from the top of the checkout."""

    def __init__(self, name: str, database_url: str, folder: Path) -> None:
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        self._log = folder / f"{name}.log"
        program, *words = shlex.split(COMMANDS[name].format(port=self.port, prefix=sys.prefix))
        environ = os.environ | {"CURDBEE_DATABASE_URL": database_url, "CURDBEE_INSTANCE": str(folder)}
        with open(self._log, "wb") as log:
            command = [str(Path(sys.executable).with_name(program)), *words]  # where pip puts programs
            self._process = Tethered(command, log, env=environ, cwd=TOP)
        self._wait()


@pytest.fixture(scope="module", params=COMMANDS)
def other(
    request: pytest.FixtureRequest, served_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Other]:
    """Each of these servers, on the database behind `server`."""
    server = Other(request.param, served_database.url, tmp_path_factory.mktemp("other"))
    yield server
    server.stop()


@pytest.fixture
def customer(other: Other, served_database: Database) -> Shop:
    """A user there, who owes 200.00."""
    return Shop(other, served_database)


@by_row(
    "content_type, sent, suffix",
    {
        "json": ("application/json", json.dumps(PAYMENT).encode(), ".json"),
        "xml": ("application/xml", b"<payment><date>2010-09-30</date><amount>5.00</amount></payment>", ".xml"),
    },
)
def test_it_takes_a_payment_and_shows_it(
    other: Other, customer: Shop, content_type: str, sent: bytes, suffix: str
) -> None:
    type_of_body = f"Content-Type: {content_type}"
    made = other.call(f"POST {customer.payments}{suffix}", customer.authorization, type_of_body, body=sent)
    assert made.status == 201, made
    assert made.headers["location"].startswith(f"{other.url}/payments/")
    shown = other.call(f"GET {customer.payments}{suffix}", customer.authorization)
    assert (shown.status, b"5.00" in shown.body) == (200, True)


def test_name_and_password_reach_it(other: Other, customer: Shop) -> None:
    for password, status in ((PASSWORD, 200), ("wrong", 401)):
        reply = other.call("GET /invoices.json", f"Authorization: {basic(customer.name, password)}")
        assert reply.status == status, reply


def test_http_1_0_is_answered_whole_and_closed(other: Other, customer: Shop) -> None:
    answer = other.until_close(request(f"GET {customer.payments}.json", customer.authorization, version="HTTP/1.0"))
    head, body = answer.split(b"\r\n\r\n")
    assert head.split(b" ")[1] == b"200"
    assert f"content-length: {len(body)}".encode() in head.lower()


def test_a_post_without_length_is_an_empty_one(other: Other, customer: Shop) -> None:
    reply = other.call(f"POST {customer.payments}", customer.authorization, JSON_TYPE)
    assert reply.status == 422, reply


def test_a_request_line_may_have_8000_bytes(other: Other) -> None:
    assert other.call(f"GET /healthz?q={'a' * 7980}").status == 200


def test_no_token_is_in_its_log(other: Other, customer: Shop) -> None:
    assert other.call(f"GET /invoices.json?api_token={customer.token}").status == 200
    assert customer.token not in other.log


@pytest.mark.parametrize("name", COMMANDS)
def test_a_request_that_has_begun_is_answered_before_it_stops(
    name: str, served_database: Database, tmp_path: Path
) -> None:
    server = Other(name, served_database.url, tmp_path)
    with ThreadPoolExecutor(1) as thread, server.connect() as connection:
        connection.sendall(request("POST /invoices", f"Host: {server.host}", "Content-Length: 4", body=b"{}"))
        time.sleep(1)
        stopped = thread.submit(server.stop)
        time.sleep(0.5)
        connection.sendall(b"  ")
        assert read_reply(connection.makefile("rb")).status == 401
        stopped.result()
    with pytest.raises(ConnectionRefusedError):
        server.connect()


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, served_database: Database, instance: Path) -> Any:
    """What mod_wsgi calls: it runs the file by its path, as a module that no import could name."""
    monkeypatch.setenv("CURDBEE_DATABASE_URL", served_database.url)
    monkeypatch.setenv("CURDBEE_INSTANCE", str(instance))
    spec = importlib.util.spec_from_file_location("_mod_wsgi_a7e9551599a96783068684c5188d1978", TOP / "wsgi.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.application


def as_mod_wsgi(
    application: Any, method: str, path: str, authorization: str, body: bytes = b"", chunked: bool = True
) -> tuple[str, bytes]:
    """Status and body of a request as mod_wsgi 4.9.4 hands it over: a chunked body has no length there, but an end; one
    of HTTP/2 may have neither length nor chunks."""
    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "ledger.test",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "HTTP_HOST": "ledger.test",
        "HTTP_AUTHORIZATION": authorization,
        "mod_wsgi.version": (4, 9, 4),
        "wsgi.errors": sys.stderr,
        "wsgi.file_wrapper": FileWrapper,
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.multiprocess": True,
        "wsgi.multithread": True,
        "wsgi.run_once": False,
        "wsgi.url_scheme": "https",
        "wsgi.version": (1, 0),
    }
    if body and chunked:
        environ["HTTP_TRANSFER_ENCODING"] = "chunked"
    answer, status, _ = run_wsgi_app(application, environ, buffered=True)
    return status, b"".join(answer)


def test_mod_wsgi_can_load_and_call_it(loaded: Any, shop: Shop) -> None:
    authorization = shop.authorization.removeprefix("Authorization: ")
    status, _ = as_mod_wsgi(loaded, "POST", shop.payments, authorization, json.dumps(PAYMENT).encode())
    assert status == "201 CREATED"
    status, body = as_mod_wsgi(loaded, "GET", f"{shop.payments}.xml?page=1", authorization)
    assert (status, b">5.00</amount>" in body) == ("200 OK", True)


def test_a_body_with_an_end_but_no_length_is_looked_at_before_the_login(loaded: Any, shop: Shop) -> None:
    too_large = b"[" + b" " * loaded.config["MAX_CONTENT_LENGTH"] + b"]"
    status, _ = as_mod_wsgi(loaded, "POST", shop.payments, "Basic bm86bm8=", too_large, chunked=False)
    assert status == "413 REQUEST ENTITY TOO LARGE"
