"""The commands that make and change users: what they do to logins, and what they refuse."""

from pathlib import Path

import pytest
from commands import Commands
from databases import Database
from factories import token_of
from flask import Flask
from inprocess import Http
from tables import by_row


@pytest.fixture
def run(database: Database, instance: Path) -> Commands:
    """Commands on the app's database."""
    return Commands(database.url, instance)


def login(app: Flask, name: str, password: str) -> int:
    """The status that a request with this name and password gets."""
    return Http(app, (name, password)).raw("GET", "/invoices").status_code


def test_a_user_logs_in_by_name_email_and_token(run: Commands, app: Flask) -> None:
    output = run("user", "add", "Ann", "--password-stdin", "--email", "ann@Shop.test", stdin="pa:ss\n").stdout
    token = output.split()[-1]
    assert len(token) == 20
    assert output.count(token) == output.count("\n") == 1
    assert [login(app, name, "pa:ss") for name in ("Ann", "ann", "ANN@shop.test")] == [200, 200, 200]
    assert login(app, token, "x") == 200
    assert Http(app, None).raw("GET", "/invoices", query={"api_token": token}).status_code == 200
    assert login(app, "Ann", "other") == 401
    assert Http(app, ("Ann", "pa:ss")).raw("GET", "/admin/users").status_code == 403


def test_the_token_of_an_old_client_is_kept(run: Commands, app: Flask) -> None:
    run("user", "add", "ann", "--password-stdin", "--api-token", "old-token", stdin="secret")
    assert "older token" in run("user", "token", "ann", "--api-token-stdin", stdin="older token\n").stdout
    assert [login(app, token, "x") for token in ("old-token", "older token")] == [401, 200]


def test_password_and_token_come_on_two_lines(run: Commands, app: Flask) -> None:
    run("user", "add", "ann", "--password-stdin", "--api-token-stdin", stdin="secret\r\nold-token\r\n")
    assert (login(app, "ann", "secret"), login(app, "old-token", "x")) == (200, 200)


def test_the_list_shows_everybody_and_no_secret(run: Commands) -> None:
    run("user", "add", "Zoë", "--password-stdin", "--admin", "--currency", "eur", stdin="secret")
    run("user", "add", "bob", "--password-stdin", "--email", "bob@shop.test", stdin="secret")
    run("user", "disable", "bob")
    assert run("user", "list").stdout.splitlines() == [
        "id  name  email          admin  disabled  currency",
        "1   Zoë   -              yes    no        EUR",
        "2   bob   bob@shop.test  no     yes       USD",
    ]


def test_an_admin_is_one(run: Commands, app: Flask) -> None:
    run("user", "add", "root", "--password-stdin", "--admin", stdin="secret")
    assert Http(app, ("root", "secret")).raw("GET", "/admin/users").status_code == 200


def test_what_is_sent_without_a_currency_has_the_users(run: Commands, app: Flask) -> None:
    run("user", "add", "ann", "--password-stdin", "--currency", "JPY", stdin="secret")
    assert Http(app, ("ann", "secret")).post("/clients", client={"name": "A"})["client"]["currency"]["symbol"] == "¥"


def test_a_new_password_replaces_the_old_one_at_once(run: Commands, app: Flask, http: Http) -> None:
    assert login(app, "demo", "demo") == 200
    run("user", "password", "DEMO@example.test", "--password-stdin", stdin="changed\n")
    assert (login(app, "demo", "demo"), login(app, "demo", "changed")) == (401, 200)


def test_a_new_token_replaces_the_old_one_at_once(run: Commands, app: Flask) -> None:
    run("user", "add", "ann", "--password-stdin", "--api-token", "old-token", stdin="secret")
    token = run("user", "token", "Ann").stdout.split()[-1]
    assert (login(app, "old-token", "x"), login(app, token, "x")) == (401, 200)


def test_the_present_token_may_be_given_again(run: Commands, app: Flask) -> None:
    run("user", "add", "ann", "--password-stdin", "--api-token", "old-token", stdin="secret")
    run("user", "token", "ann", "--api-token", "old-token")
    assert login(app, "old-token", "x") == 200


def test_a_disabled_user_is_shut_out_until_enabled(run: Commands, app: Flask, http: Http) -> None:
    run("user", "disable", "Demo")
    assert login(app, "demo", "demo") == 401
    run("user", "enable", "demo@example.test")
    assert login(app, "demo", "demo") == 200


@by_row(
    "sent, password",
    {
        "bare": (b"secret", "secret"),
        "unix": (b"secret\n", "secret"),
        "windows": (b"secret\r\n", "secret"),
        "blanks": (b" secret \n", " secret "),
        "ends in a line end": (b"secret\n\n", "secret\n"),
        "not ascii": ("pässwörd\n".encode(), "pässwörd"),
    },
)
def test_a_password_loses_one_line_end_and_nothing_else(
    run: Commands, app: Flask, http: Http, sent: bytes, password: str
) -> None:
    run("user", "password", "demo", "--password-stdin", stdin=sent)
    assert login(app, "demo", password) == 200


@by_row(
    "words, sent, reason",
    {
        "empty name": (("add", ""), "x", "must not be empty"),
        "blank name": (("add", "  "), "x", "must not be empty"),
        "colon": (("add", "a:b"), "x", "must not contain ':'"),
        "control character": (("add", "a\tb"), "x", "control characters"),
        "not utf-8": (("add", "a\udcff"), "x", "control characters"),
        "long name": (("add", "a" * 256), "x", "255 characters"),
        "long when folded": (("add", "ß" * 128), "x", "255 characters"),
        "name taken": (("add", "DEMO"), "x", "'DEMO' is taken"),
        "name is an email": (("add", "Demo@Example.test"), "x", "is taken"),
        "name is a token": (("add", token_of("demo")), "x", "is taken"),
        "email taken": (("add", "new", "--email", "DEMO@example.test"), "x", "is taken"),
        "email is a name": (("add", "new", "--email", "Demo"), "x", "'Demo' is taken"),
        "email with a colon": (("add", "new", "--email", "a:b"), "x", "must not contain ':'"),
        "empty password": (("add", "new"), "\n", "password is empty"),
        "password is no text": (("add", "new"), b"\xff", "not UTF-8"),
        "empty token": (("add", "new", "--api-token", ""), "x", "token is empty"),
        "no second line": (("add", "new", "--api-token-stdin"), "x\n", "token is empty"),
        "token taken": (("add", "new", "--api-token", token_of("demo")), "x", "another user has this API token"),
        "token with a line end": (("add", "new", "--api-token-stdin"), "x\ny\nz\n", "control characters"),
        "token is the name": (("add", "new", "--api-token", "new"), "x", "must not be the name"),
        "token is the email": (("add", "new", "--email", "n@x", "--api-token", "N@x"), "x", "must not be the name"),
        "token is a name": (("add", "new", "--api-token", "demo"), "x", "must not be the name"),
        "currency": (("add", "new", "--currency", "XYZ"), "x", "there is no currency 'XYZ'; give an ISO 4217 code"),
        "currency is no text": (("add", "new", "--currency", "\udcff"), "x", "there is no currency"),
        "password of nobody": (("password", "nobody"), "x", "there is no user 'nobody'"),
        "new password empty": (("password", "demo"), "", "password is empty"),
    },
)
def test_what_cannot_be_is_one_line_and_changes_nothing(
    run: Commands, http: Http, words: tuple[str, ...], sent: str | bytes, reason: str
) -> None:
    before = run("user", "list").stdout
    assert reason in run.refused("user", *words, "--password-stdin", stdin=sent)
    assert run("user", "list").stdout == before


@by_row(
    "words, reason",
    {
        "disable nobody": (("disable", "nobody"), "there is no user 'nobody'"),
        "enable nobody": (("enable", "no\udcff"), "there is no user"),
        "token of nobody": (("token", "nobody"), "there is no user 'nobody'"),
        "token taken": (("token", "demo", "--api-token", token_of("stranger")), "another user has this API token"),
        "token empty": (("token", "demo", "--api-token", ""), "token is empty"),
        "token is the own name": (("token", "demo", "--api-token", "demo"), "must not be the name"),
    },
)
def test_a_change_that_cannot_be_is_one_line(
    run: Commands, stranger: Http, words: tuple[str, ...], reason: str
) -> None:
    assert reason in run.refused("user", *words)


def test_blanks_around_a_name_are_not_part_of_it(run: Commands) -> None:
    run("user", "add", " ann ", "--password-stdin", "--email", " ann@shop.test ", stdin="secret")
    assert "1   ann   ann@shop.test  no" in run("user", "list").stdout


def test_names_of_255_characters_fit(run: Commands) -> None:
    run("user", "add", "a" * 255, "--password-stdin", "--email", "b" * 255, stdin="secret")
