"""Passwords, tokens and keys: in no log, no error, no process list and no `repr`.

What every server of the suite prints is looked through when it ends, by `tethered`; here is what provokes them."""

import base64
import json
import logging
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import secrecy
import sqlalchemy as sa
from backends import ON_SQLITE
from commands import Commands
from databases import Database
from factories import make_user, token_of
from flask import Flask, request
from inprocess import Http, basic
from served import Server
from served import request as written
from shops import Shop
from sqlalchemy.orm import Session
from tables import by_row
from tethered import Tethered

from curdbee_compat import auth, config, create_app
from curdbee_compat.extensions import db
from curdbee_compat.models.user import User

KEY, MAIL, PASSWORD = ("a-key/of+the=suite", "the mail password", "Geheim/ü: &word")
# An exception that nobody catches, on one path: what a fault in the outermost parts of the app would be.
FAILING = """
import sys
from curdbee_compat import waits
from curdbee_compat.cli import main

started = waits.started

def fail(environ, since=None):
    if environ["PATH_INFO"] == "/lost":
        raise RuntimeError("lost")
    return started(environ, since)

waits.started = fail
main(sys.argv[1:])
"""


class Failing(Server):
    """`serve` with that path."""

    program = ("-c", FAILING)


@by_row(
    "shown",
    {
        "raw": lambda secret: secret,
        "url": lambda secret: quote(secret, safe=""),
        "basic": lambda secret: basic("jane", secret),
        "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
        "repr": lambda secret: repr({"password": secret}),
    },
)
def test_a_server_that_prints_a_secret_fails_its_test(tmp_path: Path, shown: object) -> None:
    secret = secrecy.note(f"word of/{secrets.token_hex(8)}")
    try:
        with open(tmp_path / "log", "wb") as log:
            printing = Tethered(["/bin/echo", f"before {shown(secret)} after"], log)
        while printing.running:
            time.sleep(0.01)
        with pytest.raises(AssertionError, match=r"printed a secret: before .* after"):
            printing.stop()
    finally:
        secrecy.used.difference_update(secrecy.forms(secret))


@pytest.fixture(scope="module")
def failing(served_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`serve` with every secret there is, in a folder of its own."""
    settings = {"CURDBEE_SECRET_KEY": KEY, "CURDBEE_MAIL_PASSWORD": MAIL, "CURDBEE_MAIL_USERNAME": "shop"}
    mail = {"CURDBEE_MAIL_SERVER": "127.0.0.1", "CURDBEE_MAIL_PORT": "1", "CURDBEE_MAIL_USE_TLS": "true"}
    server = Failing(served_database.url, tmp_path_factory.mktemp("failing"), workers=1, **settings, **mail)
    yield server
    server.stop()


def test_no_request_makes_the_server_print_a_secret(failing: Server, served_database: Database) -> None:
    shop = Shop(failing, served_database)
    name = f"jane-{shop.user_id}"
    make_user(served_database, name, secrecy.note(PASSWORD))
    good, wrong = f"Authorization: {basic(name, PASSWORD)}", f"Authorization: {basic(name, PASSWORD + '!')}"
    body = json.dumps({"api_token": shop.token, "client": {"name": "x"}}).encode()
    token, chunked = f"?api_token={shop.token}", "Transfer-Encoding: chunked"
    statuses = [
        failing.call("GET /clients.json", good).status,
        failing.call("GET /clients.json", wrong).status,
        failing.call(f"GET /clients.xml{token}").status,
        failing.call(f"GET /invoices/99999{token}").status,
        failing.call("POST /clients.json", "Content-Type: application/json", body=body).status,
        failing.call(f"GET /lost{token}").status,
        failing.call(f"POST /clients{token}", chunked, body=b"zz\r\nnonsense", length=False).status,
        failing.call(f"POST /clients{token}", chunked, body=b"2\r\n{}nonsense", length=False).status,
    ]
    assert statuses == [200, 401, 200, 404, 201, 500, 400, 400]
    assert "RuntimeError: lost" in failing.log
    assert "Error handling request GET /lost?***" in failing.log
    secrecy.check(failing.log.encode(), "serve")
    with failing.connect() as connection:  # a body that breaks off
        connection.sendall(written(f"POST /clients{token}", f"Host: {failing.host}", chunked, body=b"5\r\n{"))
    assert shop.token.encode() in secrecy.used


def test_no_process_shows_a_secret(failing: Server) -> None:
    seen = failing.command_lines
    assert b"--workers" in seen
    assert secrecy.found(seen) == []


@ON_SQLITE
def test_a_fault_shows_no_values_of_a_statement(
    database: Database, instance: Path, user: int, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app({"CURDBEE_DATABASE_URL": database.url, "CURDBEE_INSTANCE": str(instance)})

    @app.get("/broken")
    def fail() -> None:
        db.session.execute(sa.text("SELECT :token, :list"), {"token": token_of("demo"), "list": []})

    @app.get("/lost")
    def lose() -> None:
        raise RuntimeError(f"in {request!r}")

    http = Http(app, ("demo", "demo"))
    answers = [http.raw("GET", f"{path}?api_token={token_of('demo')}") for path in ("/broken", "/lost")]
    with app.app_context():
        db.engine.dispose()
    assert [answer.status_code for answer in answers] == [500, 500]
    assert "SQL parameters hidden" in caplog.text
    assert "in <Request '/lost' [GET]>" in caplog.text
    assert secrecy.found(caplog.text.encode() + b"".join(answer.data for answer in answers)) == []


def test_nothing_shows_its_secrets_when_it_is_printed(app: Flask, database: Database, instance: Path) -> None:
    name = f"jane-{secrets.token_hex(4)}"
    user_id = make_user(database, name, secrecy.note(PASSWORD))
    for secret in (KEY, MAIL, "word-of-the-database"):
        secrecy.note(secret)
    loaded = config.load(
        {
            "CURDBEE_INSTANCE": str(instance),
            "CURDBEE_SECRET_KEY": KEY,
            "CURDBEE_DATABASE_URL": "postgresql://host/name?user=ann&password=word-of-the-database",
            "CURDBEE_REDIS_URL": "redis://:word-of-the-database@host/0",
            "CURDBEE_MAIL_SERVER": "host",
            "CURDBEE_MAIL_USE_TLS": "true",
            "CURDBEE_MAIL_USERNAME": "shop",
            "CURDBEE_MAIL_PASSWORD": MAIL,
        }
    )
    assert loaded["DIGEST_KEY"] == KEY
    assert loaded["SQLALCHEMY_DATABASE_URI"].password == "word-of-the-database"
    with Session(database.engine) as session:
        stored = session.get_one(User, user_id)
        hashes = [stored.password_hash, stored.token_digest]
        shown = [repr(stored), repr(config.SETTINGS), repr(loaded), str(loaded), repr(database.engine.url)]
    with app.test_request_context(f"/clients?api_token={token_of(name)}"):
        known = auth.verify("", "")
        shown += [repr(known), repr(request._get_current_object())]
    assert known is not None
    with app.test_request_context("/clients", headers={"Authorization": basic(name, PASSWORD)}):
        known = auth.verify(name, PASSWORD)
        shown += [repr(known), repr(app.config), repr(auth.remembered)]
    assert known is not None
    assert secrecy.found("\n".join(shown).encode()) == []
    assert [secret for secret in hashes if secret in repr(known)] == []


@by_row(
    "words, stdin",
    {
        "a name that is taken": (("user", "add", "demo", "--password-stdin"), PASSWORD),
        "a token that is taken": (
            ("user", "add", "x", "--password-stdin", "--api-token-stdin"),
            f"{PASSWORD}\n{{token}}",
        ),
        "a token with controls": (("user", "token", "demo", "--api-token-stdin"), f"{PASSWORD}\a"),
        "nobody": (("user", "password", "nobody", "--password-stdin"), PASSWORD),
    },
)
def test_a_refused_command_does_not_repeat_them(
    database: Database, user: int, instance: Path, words: tuple[str, ...], stdin: str
) -> None:
    secrecy.note(PASSWORD)
    told = Commands(database.url, instance).refused(*words, stdin=stdin.format(token=token_of("demo")))
    assert secrecy.found(told.encode()) == []


def test_gunicorns_own_log_masks_queries(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("gunicorn.error").error("Error handling request %s %s", "GET", "/x?api_token=hidden&y=1")
    assert caplog.messages == ["Error handling request GET /x?***"]
