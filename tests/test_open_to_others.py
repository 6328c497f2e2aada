"""Whom `serve` refuses to listen for beyond this machine: users whose passwords or tokens everybody knows."""

from pathlib import Path

import factories
import pytest
from backends import ON_SQLITE
from commands import Commands, one_line
from databases import Database
from flask import Flask

from curdbee_compat import server as serving
from curdbee_compat.users import DEMO_TOKEN, Refused, token_digest


@pytest.fixture
def run(database: Database, instance: Path) -> Commands:
    """Commands on the app's database, with demo data in it."""
    commands = Commands(database.url, instance)
    commands("demo")
    return commands


def test_demo_users_keep_the_server_on_this_machine(run: Commands) -> None:
    line = one_line(run.process("serve", "--host", "0.0.0.0", "--port", "0", status=1).stderr)
    assert line.startswith(
        "0.0.0.0 is open to other machines, and demo passwords or tokens still work for demo, admin;"
    )
    assert "curdbee-compat user password NAME --password-stdin" in line


def refused_for(app: Flask, host: str = "0.0.0.0") -> str:
    """The names of those for whom the server refuses to listen there."""
    with app.app_context():
        try:
            serving.refuse_demo_beyond_loopback(serving.resolved(host, 0))
        except Refused as refusal:
            return str(refusal).partition("still work for ")[2].partition(";")[0]
    return ""


@ON_SQLITE
@pytest.mark.parametrize("host", ["127.0.0.1", "127.5.6.7", "localhost", "::1"])
def test_this_machine_is_no_danger(app: Flask, run: Commands, host: str) -> None:
    assert refused_for(app, host) == ""


@ON_SQLITE
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"])
def test_any_other_address_is(app: Flask, run: Commands, host: str) -> None:
    assert refused_for(app, host) == "demo, admin"


def test_new_secrets_open_the_server(app: Flask, run: Commands) -> None:
    run("user", "password", "admin", "--password-stdin", stdin="changed")
    assert refused_for(app) == "demo"
    run("user", "password", "demo", "--password-stdin", stdin="changed")
    assert refused_for(app) == "demo"  # the token is as well known
    run("user", "token", "demo")
    assert refused_for(app) == ""


def test_disabled_demo_users_open_the_server(app: Flask, run: Commands) -> None:
    run("user", "disable", "demo")
    run("user", "disable", "admin")
    assert refused_for(app) == ""


def test_only_the_demo_users_passwords_are_tried(app: Flask, database: Database) -> None:
    factories.make_user(database, "ann", "demo", email=None)
    assert refused_for(app) == ""
    factories.make_user(database, "Demo", "demo")
    assert refused_for(app) == "Demo"


def test_the_demos_token_is_nobodys_secret(app: Flask, database: Database) -> None:
    factories.make_user(database, "ann", token_digest=token_digest(DEMO_TOKEN))
    assert refused_for(app) == "ann"
