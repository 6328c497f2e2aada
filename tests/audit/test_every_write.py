"""Whatever a request or a command writes, the trail tells all of it: replayed on the rows before, it gives those after.

What is not told of is named here again, so that nothing stays out of the trail unnoticed."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from actions import writes
from commands import Commands
from databases import Database
from inprocess import Http
from ledgers import ledger
from profiles import profile

from curdbee_compat.extensions import db
from curdbee_compat.models.audit_entry import AuditEntry
from curdbee_compat.models.base import today

UNTOLD_TABLES = {"audit_entries", "idempotency_keys", "outgoing_mails"}
UNTOLD = {"id", "user_id", "created_at", "updated_at"}
UNTOLD_OF = {"users": {"version", "audit_length", "audit_head"}, "payments": {"created_by", "possible_duplicate"}}
MASKED = {"hash_key": "***", "password_hash": "***", "token_digest": "***"}
SIDES = ("before", "after")
COMMANDS = {
    "bill": {"invoices", "invoice_line_items", "recurring_profiles"},
    "user disable demo": {"users"},
    "user enable demo": {"users"},
    "user token demo": {"users"},
    "user password demo --password-stdin": {"users"},
}
Row = dict[str, Any]
Rows = dict[tuple[str, int], Row]
Books = Callable[[], tuple[Rows, list[Row]]]


@pytest.fixture
def books(database: Database) -> Books:
    """The rows of users and of all that they own, as the trail tells of them; and its entries."""

    def read() -> tuple[Rows, list[Row]]:
        rows = {}
        with database.engine.connect() as connection:
            for table in filter(audited, db.metadata.tables.values()):
                for row in connection.execute(sa.select(table)).mappings():
                    rows[table.name, row["id"]] = as_told(table.name, row)
            entries = connection.execute(sa.select(AuditEntry.__table__).order_by(AuditEntry.id)).mappings().all()
        return rows, [{**entry, **{key: json.loads(entry[key] or "null") for key in SIDES}} for entry in entries]

    return read


def audited(table: sa.Table) -> bool:
    """Whether the trail tells of its rows."""
    return table.name == "users" or ("user_id" in table.c and table.name not in UNTOLD_TABLES)


def as_told(name: str, row: Mapping[str, Any]) -> Row:
    """A row of the table of this name, as the trail writes it."""
    told = row.keys() - UNTOLD - UNTOLD_OF.get(name, set())
    return json.loads(orjson.dumps({key: MASKED.get(key, row[key]) for key in told}))


def replayed(rows: Rows, entries: Iterable[Row]) -> Rows:
    """What the entries make of the rows; each must find what it says was there."""
    after = dict(rows)
    for entry in entries:
        key = entry["record_type"], entry["record_id"]
        there = after.pop(key, None)
        if entry["action"] == "update":
            assert there == there | entry["before"], entry
            after[key] = there | entry["after"]
        else:
            assert there == entry["before"], entry
            after[key] = entry["after"]
    return {key: row for key, row in after.items() if row is not None}


def test_every_write_of_both_apis_is_told(http: Http, admin: Http, database: Database, books: Books) -> None:
    ledger(http, database, 3)
    rows, entries = books()
    for action, requests in writes(3).items():
        for request in requests:
            request.of(http, admin)
        after, all_entries = books()
        assert replayed(rows, all_entries[len(entries) :]) == after, action
        rows, entries = after, all_entries


def test_so_is_every_write_of_a_command(http: Http, run: Commands, books: Books) -> None:
    profile(http, today().isoformat(), save_as_draft=False)
    rows, entries = books()
    for command, touched in COMMANDS.items():
        run(*command.split(), stdin="another-password\n" if "stdin" in command else "")
        after, all_entries = books()
        made = all_entries[len(entries) :]
        assert {entry["record_type"] for entry in made} == touched, command
        assert {entry["credential"] for entry in made} == {"command"}
        assert replayed(rows, made) == after, command
        rows, entries = after, all_entries
