"""Databases to restore into, and what is in a database or in a backup of it."""

import hashlib
import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from actions import Asked, reads
from commands import Commands
from databases import EVERYBODY
from flask import Flask
from inprocess import Http

from curdbee_compat import create_app
from curdbee_compat.extensions import db

OTHER = {"sqlite": "postgres", "postgres": "sqlite"}
RENEWED = {"installation": {"epoch"}, "users": {"version"}}
Row = dict[str, Any]


class Place:
    """A database by its URL: commands on it, the app on it, its rows."""

    def __init__(self, url: str, folder: Path) -> None:
        self.run = Commands(url, folder)

    @cached_property
    def app(self) -> Flask:
        """The application on it."""
        return create_app(self.run.settings)

    @cached_property
    def engine(self) -> sa.Engine:
        """For plain SQL."""
        url = self.run.settings["CURDBEE_DATABASE_URL"]
        return sa.create_engine(url, connect_args={} if url.startswith("sqlite") else EVERYBODY)

    def http(self, name: str) -> Http:
        """Requests of a user whose password is the name."""
        return Http(self.app, (name, name))

    def rows(self) -> dict[str, list[Row]]:
        """All of every table that a backup keeps, but for what a restore renews."""
        return rows(self.engine)

    def scalar(self, sql: str) -> Any:
        """One value."""
        with self.engine.connect() as connection:
            return connection.scalar(sa.text(sql))

    def execute(self, sql: str) -> None:
        """One statement."""
        with self.engine.begin() as connection:
            connection.execute(sa.text(sql))

    def close(self) -> None:
        """Close its connections."""
        self.engine.dispose()
        with self.app.app_context():
            db.engine.dispose()


def rows(engine: sa.Engine) -> dict[str, list[Row]]:
    """All of every table that a backup keeps, but for what a restore renews."""
    found = {}
    with engine.connect() as connection:
        for table in db.metadata.tables.values():
            columns = [column for column in table.c if column.name not in RENEWED.get(table.name, ())]
            if table.name != "login_failures":
                query = sa.select(*columns).order_by(*table.primary_key)
                found[table.name] = [dict(row) for row in connection.execute(query).mappings()]
    return found


def answers(http: Http, admin: Http) -> dict[Asked, tuple[int, str, bytes]]:
    """What every read of both APIs is answered: status, type and bytes."""
    asked = [one for several in reads().values() for one in several]
    responses = {one: (admin if one.path.startswith("/admin") else http).raw("GET", one.path) for one in asked}
    assert {response.status_code for response in responses.values()} == {200}
    return {one: (got.status_code, got.content_type, got.get_data()) for one, got in responses.items()}


def header(file: Path) -> Row:
    """The first line of a backup."""
    with open(file) as lines:
        return json.loads(lines.readline())


def kept(file: Path, table: str) -> list[Row]:
    """The rows of a table in a backup."""
    values = map(json.loads, file.read_text().splitlines()[1:-1])
    return [value["row"] for value in values if value["table"] == table]


def rewritten(file: Path, change: Callable[[list[Row]], None]) -> None:
    """Change the header and the rows of a backup, so that the end of the file still fits."""
    values = [json.loads(line) for line in file.read_text().splitlines()]
    end = values.pop()
    change(values)
    text = "".join(f"{json.dumps(value)}\n" for value in values)
    end["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    file.write_text(f"{text}{json.dumps(end)}\n")
