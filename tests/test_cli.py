"""The command line: the schema, settings, help, and how it fails."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import sqlalchemy as sa
from commands import Commands, one_line
from databases import Database
from inprocess import Http
from tables import by_row

from curdbee_compat.cli import main
from curdbee_compat.release import RELEASE

UNREACHABLE = "postgresql://nobody@127.0.0.1:1/x"
COMMANDS = {
    "db upgrade": ("db", "upgrade"),
    "serve": ("serve", "--port", "0"),
    "backup": ("backup", "never-made.jsonl"),
    "demo": ("demo",),
    "import": ("import", __file__, "--user", "ann"),
    "user add": ("user", "add", "ann", "--password-stdin"),
    "user list": ("user", "list"),
    "user password": ("user", "password", "ann", "--password-stdin"),
    "user token": ("user", "token", "ann"),
    "user disable": ("user", "disable", "ann"),
    "user enable": ("user", "enable", "ann"),
}


@pytest.fixture
def run(database: Database, instance: Path) -> Commands:
    """Commands on the app's database."""
    return Commands(database.url, instance)


@pytest.fixture
def empty(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Commands:
    """Commands on a database without tables."""
    if backend == "sqlite":
        return Commands(f"sqlite:///{tmp_path}/empty.db", tmp_path)
    return Commands(request.getfixturevalue("postgres_server").database(f"empty_{tmp_path.name}"), tmp_path)


def test_upgrade_says_one_line_and_the_schema_is_then_current(empty: Commands) -> None:
    for _ in range(2):
        result = empty.process("db", "upgrade")
        assert (result.stdout, result.stderr) == ("The schema is current: 0004.\n", "")
    assert empty("user", "list").stdout.split() == ["id", "name", "email", "admin", "disabled", "currency"]


@pytest.mark.parametrize("words", [words for words in COMMANDS.values() if words[0] in ("demo", "user")])
def test_a_database_without_schema_is_one_line_that_says_what_to_run(empty: Commands, words: tuple[str, ...]) -> None:
    assert empty.refused(*words) == "the database has no schema yet; run: curdbee-compat db upgrade"


def test_a_schema_of_a_newer_release_is_one_line(run: Commands, database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert "'9999'" in one_line(run.process("db", "upgrade", status=1).stderr)


@by_row("words", COMMANDS)
def test_an_unreachable_database_is_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    line = Commands(UNREACHABLE, tmp_path).refused(*words)
    assert "nobody@127.0.0.1:1/x" in line
    assert "refused" in line.lower()


def test_a_setting_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    commands = Commands("mysql://host/name", tmp_path)
    assert "mysql is not supported" in one_line(commands.process("user", "list", status=1).stderr)


def test_postgres_without_its_driver_is_one_line(tmp_path: Path) -> None:
    code = "import sys; sys.modules['psycopg'] = None; from curdbee_compat.cli import main; main()"
    arguments = [sys.executable, "-c", code, "user", "list"]
    environ = Commands(UNREACHABLE, tmp_path).environ()
    result = subprocess.run(arguments, env=environ, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert "pip install 'curdbee-compat[postgres]'" in one_line(result.stderr)


def test_the_version_is_shown(tmp_path: Path) -> None:
    assert Commands("", tmp_path).process("--version").stdout == f"curdbee-compat, version {RELEASE}\n"


def every_command(group: click.Group = main, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield words
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, (*words, name))
        else:
            yield (*words, name)


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_every_command_and_option_explains_itself(words: tuple[str, ...], tmp_path: Path) -> None:
    command: click.Command = main
    for word in words:
        command = command.commands[word]
    assert len(command.help.split()) >= 5
    assert all(option.help for option in command.params if isinstance(option, click.Option))
    assert Commands("", tmp_path)(*words, "--help").stdout.startswith("Usage: ")


@by_row(
    "words",
    {
        "unknown command": ("dance",),
        "no password": ("user", "add", "ann"),
        "two tokens": ("user", "add", "ann", "--password-stdin", "--api-token", "x", "--api-token-stdin"),
        "two new tokens": ("user", "token", "ann", "--api-token", "x", "--api-token-stdin"),
        "no such port": ("serve", "--port", "65536"),
        "no workers": ("serve", "--workers", "0"),
    },
)
def test_wrong_usage_is_status_2(words: tuple[str, ...], tmp_path: Path) -> None:
    assert "Usage: " in Commands("", tmp_path)(*words, status=2).stderr


def test_a_command_waits_while_another_process_writes(run: Commands, http: Http, database: Database) -> None:
    def write_slowly() -> None:
        with database.engine.connect() as connection:
            begin = "BEGIN IMMEDIATE" if connection.dialect.name == "sqlite" else "SELECT 1"
            connection.exec_driver_sql(begin)
            connection.exec_driver_sql("UPDATE users SET version = version + 1")
            writing.set()
            time.sleep(1)
            connection.commit()

    writing = threading.Event()
    writer = threading.Thread(target=write_slowly)
    writer.start()
    writing.wait()
    run("user", "add", "ann", "--password-stdin", stdin="secret")
    writer.join()


def test_config_shows_every_setting_and_masks_secrets(tmp_path: Path) -> None:
    url = "postgresql://ann:hidden1@host/ledger?sslpassword=hidden2&sslmode=require"
    shown = Commands(url, tmp_path, CURDBEE_SECRET_KEY="hidden3", CURDBEE_TRUSTED_PROXIES="2")("config").stdout
    assert "hidden" not in shown
    assert f"CURDBEE_INSTANCE={tmp_path}\n    folder of the SQLite file" in shown
    assert "CURDBEE_DATABASE_URL=postgresql://ann:***@host/ledger?sslmode=require\n" in shown
    assert "CURDBEE_SECRET_KEY=***\n" in shown
    assert "CURDBEE_TRUSTED_PROXIES=2\n    how many proxies" in shown
    assert "CURDBEE_MAX_CONTENT_LENGTH=4194304\n" in shown
    assert shown.endswith("\nDatabase: postgresql+psycopg://ann:***@host/ledger?sslmode=require\n")
    assert os.listdir(tmp_path) == []


def test_config_shows_what_it_can_of_settings_that_cannot_be_used(tmp_path: Path) -> None:
    result = Commands("postgresql://ann:hidden@host:port/x", tmp_path)("config", status=1)
    assert "CURDBEE_DATABASE_URL=***\n" in result.stdout
    assert "is not a database URL" in one_line(result.stderr)
    assert "hidden" not in result.output


def test_config_names_the_sqlite_file_that_is_used_without_a_url(tmp_path: Path) -> None:
    assert f"Database: sqlite:///{tmp_path}/curdbee.db\n" in Commands("", tmp_path)("config").stdout
