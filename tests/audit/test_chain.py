"""`curdbee-compat audit verify` finds whatever is done to the trail behind its back."""

import json
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from backends import ON_SQLITE
from commands import Commands, one_line
from databases import Database
from inprocess import Http
from tables import by_row

from curdbee_compat.models.audit_entry import AuditEntry, chained

GOOD = {"date": "2010-09-30", "amount": "50.00"}
COLUMNS = "at, actor, credential, endpoint, action, record_type, record_id, hash"
INSERTED = (
    f"INSERT INTO audit_entries (user_id, sequence, {COLUMNS}) SELECT user_id, {{}}, {COLUMNS} FROM audit_entries"
)
Sql = Callable[..., None]


@pytest.fixture
def sql(database: Database, backend: str) -> Sql:
    """Plain SQL by somebody who switches the triggers off."""

    def executed(*statements: str) -> None:
        with database.engine.begin() as connection:
            if backend == "postgres":
                connection.exec_driver_sql("ALTER TABLE audit_entries DISABLE TRIGGER USER")
                for statement in statements:
                    connection.exec_driver_sql(statement)
                connection.exec_driver_sql("ALTER TABLE audit_entries ENABLE TRIGGER USER")
                return
            names = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entries'"
            triggers = connection.exec_driver_sql(names).all()
            for name, _ in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            for statement in (*statements, *(made for _, made in triggers)):
                connection.exec_driver_sql(statement)

    return executed


@pytest.fixture
def six(http: Http, payments: str) -> None:
    """Three payments, which are six entries."""
    for _ in range(3):
        http.post(payments, payment=GOOD)


def test_an_untouched_trail_is_whole(run: Commands, six: None) -> None:
    lines = run("audit", "verify").stdout.splitlines()
    assert lines[0].startswith("user 1: 6 entries, head ")
    assert lines[1:] == ["The audit trail is whole."]


def test_so_is_an_empty_one(run: Commands, user: int) -> None:
    assert run("audit", "verify").stdout == "The audit trail is whole.\n"


@by_row(
    "statements, found",
    {
        "edited": (["UPDATE audit_entries SET after = '{}' WHERE sequence = 3"], "entry 3: edited or inserted"),
        "moment": (
            ["UPDATE audit_entries SET at = '2001-01-01 00:00:00.000000' WHERE sequence = 3"],
            "entry 3: edited",
        ),
        "first": (["DELETE FROM audit_entries WHERE sequence = 1"], "entry 2: 1 before it removed"),
        "removed": (["DELETE FROM audit_entries WHERE sequence IN (3, 4)"], "entry 5: 2 before it removed"),
        "removed and renumbered": (
            [
                "DELETE FROM audit_entries WHERE sequence = 6",
                "UPDATE audit_entries SET sequence = 6 WHERE sequence = 5",
            ],
            "entry 6: 1 before it removed",
        ),
        "inserted": ([f"{INSERTED.format(7)} WHERE sequence = 6"], "entry 7: edited or inserted"),
        "cut off": (["DELETE FROM audit_entries WHERE sequence > 4"], "cut off after entry 4 of 6"),
        "all gone": (["DELETE FROM audit_entries"], "cut off after entry 0 of 6"),
        "head moved": (["UPDATE users SET audit_head = 'x'"], "the trail ends otherwise"),
        "head forgotten": (["UPDATE users SET audit_length = 0, audit_head = NULL"], "the trail ends otherwise"),
        "given away": (["UPDATE audit_entries SET user_id = 2 WHERE sequence = 6"], "user 1: cut off after entry 5"),
    },
)
def test_what_was_done_to_it_is_found(
    run: Commands, six: None, stranger: Http, sql: Sql, statements: list[str], found: str
) -> None:
    sql(*statements)
    result = run("audit", "verify", status=1)
    assert found in result.stdout
    assert "the audit trail was touched" in one_line(result.stderr)


@ON_SQLITE
@by_row(
    "change",
    {"moment": "at = 'garbage'", "place": "sequence = 'abc'", "bytes": "actor = x'ff00ff'", "json": "after = '{'"},
)
def test_what_no_column_may_hold_is_found_and_shown(run: Commands, six: None, sql: Sql, change: str) -> None:
    sql(f"UPDATE audit_entries SET {change} WHERE sequence = 6")
    assert "entry" in run("audit", "verify", status=1).stdout


def test_what_is_no_json_is_shown_as_it_is(run: Commands, six: None, sql: Sql) -> None:
    sql("UPDATE audit_entries SET after = '{' WHERE sequence = 6")
    assert json.loads(run("audit", "--format", "json").stdout)[-1]["after"] == "{"


def test_while_others_write_it_is_whole(run: Commands, six: None, http: Http, payments: str) -> None:
    over = threading.Event()

    def pay() -> None:
        while not over.is_set():
            http.raw("POST", payments, json={"payment": GOOD})

    writer = threading.Thread(target=pay)
    writer.start()
    try:
        for _ in range(15):
            assert "whole" in run("audit", "verify").stdout
    finally:
        over.set()
        writer.join()


def test_options_are_not_for_verify(run: Commands, six: None) -> None:
    assert "takes none of these options" in run("audit", "--invoice", "1", "verify", status=2).stderr


def test_each_user_has_a_chain_of_his_own(run: Commands, six: None, stranger: Http) -> None:
    stranger.post("/items", item={"name": "A", "price": "1.00"})
    heads = run("audit", "verify").stdout.splitlines()
    assert [line.partition(",")[0] for line in heads[:2]] == ["user 1: 6 entries", "user 2: 1 entries"]


def test_the_hash_holds_every_column(six: None, database: Database) -> None:
    table = AuditEntry.__table__
    with database.engine.connect() as connection:
        row = dict(connection.execute(sa.select(table).where(table.c.sequence == 2)).one()._mapping)
        previous = connection.scalar(sa.select(table.c.hash).where(table.c.sequence == 1))
    assert chained(previous, row) == row["hash"]
    for name in row.keys() - {"id", "hash"}:
        assert chained(previous, row | {name: "other"}) != row["hash"], name
    assert chained("other", row) != row["hash"]
