"""What is not restored, and what a database is like after that: as empty as before, and ready for a good backup."""

import gzip
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from backends import ON_SQLITE
from backups import Place, Row, header, rewritten, rows
from commands import Commands
from databases import Database
from inprocess import Http
from tables import by_row

from curdbee_compat import schema_state


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    """What `backup` has made, by kind of database."""
    return {}


@pytest.fixture
def backup(made: dict[str, bytes], backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A good backup, as lines."""
    file = tmp_path / "books.jsonl"
    if backend not in made:
        request.getfixturevalue("ledger")
        request.getfixturevalue("run")("backup", str(file))
        made[backend] = file.read_bytes()
    file.write_bytes(made[backend])
    return file


@pytest.fixture
def copied(ledger: Http, run: Commands, tmp_path: Path) -> Path:
    """A good backup, as a SQLite file."""
    run("backup", str(tmp_path / "books.db"))
    return tmp_path / "books.db"


def cut(file: Path, count: int) -> None:
    """Take so many bytes off its end."""
    file.write_bytes(file.read_bytes()[:-count])


def swap(file: Path, old: str, new: str) -> None:
    """Write the first `old` in it as `new`."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def without_last_row(file: Path) -> None:
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:-2], lines[-1]]))


def without_end(file: Path) -> None:
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))


def compressed_and_cut(file: Path) -> None:
    file.write_bytes(gzip.compress(file.read_bytes())[:-2000])


def compressed_and_changed(file: Path) -> None:
    whole = bytearray(gzip.compress(file.read_bytes()))
    whole[len(whole) // 2] ^= 1
    file.write_bytes(whole)


DAMAGES = {
    "cut in a line": (lambda file: cut(file, 40), "is cut off"),
    "cut in the middle": (lambda file: cut(file, 5000), "is cut off"),
    "cut at the end of a line": (without_end, "is cut off"),
    "a row is gone": (without_last_row, "was changed after"),
    "an amount is another": (lambda file: swap(file, '"amount_cents":750', '"amount_cents":751'), "was changed after"),
    "the header is another": (lambda file: swap(file, '"currencies":165', '"currencies":166'), "was changed after"),
    "a row is no row": (lambda file: swap(file, '{"table"', '{"stable"'), "a line is no row"),
    "a line is no JSON": (lambda file: swap(file, '{"table"', "{table"), "a line is no JSON"),
    "more follows": (lambda file: file.write_text(file.read_text() * 2), "something follows"),
    "compressed and cut": (compressed_and_cut, "is cut off"),
    "compressed and changed": (compressed_and_changed, "is damaged"),
    "empty": (lambda file: file.write_text(""), "is no backup"),
    "something else": (lambda file: file.write_text("Dear all,\n"), "is no backup"),
    "other JSON": (lambda file: file.write_text("[1]\n"), "is no backup"),
    "a header with holes": (lambda file: swap(file, '"figures"', '"figments"'), "is no backup"),
    "a later format": (lambda file: swap(file, '"version":1', '"version":2'), "is of format 2"),
}


@ON_SQLITE
@by_row("damage", DAMAGES)
def test_a_damaged_file_is_refused_and_nothing_happens(
    backup: Path, target: Place, damage: tuple[Callable[[Path], Any], str]
) -> None:
    change, told = damage
    change(backup)
    line = target.run.refused("restore", str(backup))
    assert line.startswith(f"{backup} {told}") or told in line, line
    assert not schema_of(target)


def schema_of(place: Place) -> list[str]:
    return sa.inspect(place.engine).get_table_names()


@ON_SQLITE
@by_row("case", {"not read": ("login_failures", "is damaged: "), "read": ("payments", "cannot be read: ")})
def test_a_sqlite_file_with_a_damaged_page_is_refused(copied: Path, target: Place, case: tuple[str, str]) -> None:
    table, told = case
    with closing(sqlite3.connect(copied)) as connection:
        page, size = connection.execute(
            "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_master WHERE name = ?", [table]
        ).fetchone()
    with open(copied, "r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    assert target.run.refused("restore", str(copied)).startswith(f"{copied} {told}")
    assert not schema_of(target)


@ON_SQLITE
def test_a_sqlite_file_of_something_else_is_refused(target: Place, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE users (id INTEGER)")
    line = target.run.refused("restore", str(tmp_path / "other.db"))
    assert line == f"{tmp_path}/other.db has no schema of curdbee-compat"


def test_a_backup_of_a_newer_schema_is_refused(backup: Path, target: Place) -> None:
    rewritten(backup, lambda values: values[0].update(schema="9999"))
    line = target.run.refused("restore", str(backup))
    assert line.startswith(f"{backup} is of schema 9999, and this release knows those up to {schema_state.newest()}")
    assert not schema_of(target)


@ON_SQLITE
def test_a_copy_of_a_newer_schema_is_refused(copied: Path, target: Place) -> None:
    with closing(sqlite3.connect(copied)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    assert "is of schema 9999" in target.run.refused("restore", str(copied))


def test_a_database_of_a_newer_schema_is_not_touched(
    backup: Path, run: Commands, database: Database, tmp_path: Path
) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        assert "is of schema 9999" in run.refused("backup", str(tmp_path / "new.jsonl"))
        assert run.refused("restore", str(backup)).startswith("the database is of schema 9999, which a newer release")
    finally:
        with database.engine.begin() as connection:
            connection.execute(sa.text(f"UPDATE alembic_version SET version_num = '{schema_state.newest()}'"))
    assert list(tmp_path.glob("new*")) == []


def test_a_database_with_data_is_left_alone(ledger: Http, backup: Path, run: Commands, database: Database) -> None:
    before = rows(database.engine)
    assert "the database is not empty" in run.refused("restore", str(backup))
    assert rows(database.engine) == before


def break_reference(values: list[Row]) -> None:
    payment(values)["invoice_id"] = 99


def break_date(values: list[Row]) -> None:
    payment(values)["date"] = "2010-13-01"


def break_figure(values: list[Row]) -> None:
    values[0]["figures"]["rows"]["payments"] += 1


def break_sum(values: list[Row]) -> None:
    values[0]["figures"]["sums"]["payments.amount_cents"] += 1


def break_settlement(values: list[Row]) -> None:
    invoice = next(value["row"] for value in values[1:] if value["table"] == "invoices")
    invoice["paid_cents"] += 1
    values[0]["figures"]["sums"]["invoices.paid_cents"] += 1


def break_trail(values: list[Row]) -> None:
    next(value["row"] for value in values[1:] if value["table"] == "audit_entries")["actor"] = "nobody"


def shorten_trail(values: list[Row]) -> None:
    """By its last entry, so well that the chain itself is whole."""
    *_, before, last = [value for value in values[1:] if value["table"] == "audit_entries"]
    user = next(value["row"] for value in values[1:] if value["table"] == "users")
    assert last["row"]["user_id"] == before["row"]["user_id"] == user["id"]
    values.remove(last)
    user |= {"audit_length": before["row"]["sequence"], "audit_head": before["row"]["hash"]}
    values[0]["figures"]["rows"]["audit_entries"] -= 1


def payment(values: list[Row]) -> Row:
    """A payment of a backup."""
    return next(value["row"] for value in values[1:] if value["table"] == "payments")


WRONG = {
    break_reference: "the database takes no rows of payments: ",
    break_date: "the database takes no rows of payments: month must be",
    break_figure: "rows of payments should be 4 and are 3",
    break_sum: "sums of payments.amount_cents should be 2251 and are 2250",
    break_settlement: "unsettled of invoices should be 0 and are 1",
    break_trail: "audit_faults of trails should be 0 and are 1",
    shorten_trail: "holds, and was left empty: audit_heads of user 1 should be ",
}


def test_what_does_not_fit_is_refused_and_the_database_stays_empty(backup: Path, target: Place) -> None:
    good = backup.read_bytes()
    target.run("db", "upgrade")
    before = target.rows(), target.scalar("SELECT epoch FROM installation")
    for change, told in WRONG.items():
        backup.write_bytes(good)
        rewritten(backup, change)
        assert told in target.run.refused("restore", str(backup))
        assert (target.rows(), target.scalar("SELECT epoch FROM installation")) == before
    backup.write_bytes(good)
    assert re.search("Restored .*\n(Audit trail .*\n)*Checked: ", target.run("restore", str(backup)).stdout)
    assert len(target.rows()["payments"]) == header(backup)["figures"]["rows"]["payments"] == 3
