"""A ledger goes from one kind of database to the other and back, and nobody who asks sees a difference."""

import os
from collections.abc import Callable
from pathlib import Path

import letters
import permalinks
import pytest
import sqlalchemy as sa
from backups import OTHER, Place, answers, header, kept, rows
from commands import Commands
from databases import Database
from factories import token_of
from inprocess import Http
from kinds import KINDS, make
from tables import by_row

from curdbee_compat.extensions import db


def test_there_and_back_every_answer_has_the_same_bytes(
    ledger: Http, admin: Http, run: Commands, database: Database, backend: str, tmp_path: Path, empty: Callable
) -> None:
    page = permalinks.permalink(ledger, permalinks.made(ledger))
    before, rows_before = answers(ledger, admin), rows(database.engine)
    shown = permalinks.page(ledger, page).get_data()
    last = run
    for turn, kind in enumerate((OTHER[backend], backend)):
        file, there = tmp_path / f"{turn}.jsonl", empty(kind)
        last("backup", str(file))
        there.run("restore", str(file))
        assert answers(there.http("demo"), there.http("admin")) == before
        assert permalinks.page(there.http("demo"), page).get_data() == shown
        assert there.rows() == rows_before
        assert there.scalar("SELECT count(*) FROM invoices WHERE payment_options IS NULL") == len(
            rows_before["invoices"]
        )
        last = there.run
    assert all(rows_before[name] for name in KINDS)


def test_a_compressed_backup_is_restored_whatever_its_name(
    ledger: Http, run: Commands, database: Database, target: Place, tmp_path: Path
) -> None:
    file = tmp_path / "books.jsonl.gz"
    run("backup", str(file))
    renamed = file.rename(tmp_path / "any name")
    target.run("restore", str(renamed))
    assert target.rows() == rows(database.engine)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@by_row("kind", {"into SQLite": "sqlite", "into Postgres": "postgres"})
def test_a_copy_by_sqlite_is_restored_into_either(
    ledger: Http, run: Commands, database: Database, tmp_path: Path, empty: Callable, kind: str
) -> None:
    file, there = tmp_path / "books.db", empty(kind)
    run("backup", str(file))
    renamed = file.rename(tmp_path / "any name")
    os.utime(renamed, (1e9, 1e9))
    assert "Restored the backup of 2001-09-09T01:46:40Z: " in there.run("restore", str(renamed)).stdout
    assert there.rows() == rows(database.engine)
    assert sorted(path.name for path in tmp_path.glob("any name*")) == ["any name"]


def test_ids_go_on_from_the_highest_that_was_ever_given(
    ledger: Http, run: Commands, backend: str, tmp_path: Path, empty: Callable
) -> None:
    for number in (2, 3):
        ledger.delete(f"/invoices/1/payments/{number}")
    ledger.delete("/items/3")
    file, there = tmp_path / "books.jsonl", empty(OTHER[backend])
    run("backup", str(file))
    there.run("restore", str(file))
    made = [{name: make(http, KINDS[name])["id"] for name in KINDS} for http in (ledger, there.http("demo"))]
    assert made[0] == made[1]
    assert made[0]["payments"] == made[0]["items"] == 4


def test_passwords_and_tokens_work_as_before(ledger: Http, run: Commands, target: Place, tmp_path: Path) -> None:
    run("user", "disable", "stranger")
    run("backup", str(tmp_path / "books.jsonl"))
    target.run("restore", str(tmp_path / "books.jsonl"))
    asked = [
        target.http(name).raw("GET", "/clients").status_code
        for name in ("demo", "demo@example.test", token_of("demo"), "stranger")
    ]
    assert asked == [200, 401, 200, 401]
    assert Http(target.app, ("demo@example.test", "demo")).raw("GET", "/clients").status_code == 200
    assert target.http("demo").raw("GET", "/clients", auth=("demo", "wrong")).status_code == 401


def test_epoch_and_versions_are_new_and_rise_with_later_writes(
    ledger: Http, run: Commands, database: Database, target: Place, tmp_path: Path
) -> None:
    tag = ledger.raw("GET", "/invoices").headers["ETag"]
    versions, epoch = "SELECT version FROM users WHERE name = 'demo'", "SELECT epoch FROM installation"
    with database.engine.connect() as connection:
        was = connection.scalar(sa.text(versions)), connection.scalar(sa.text(epoch))
    run("backup", str(tmp_path / "books.jsonl"))
    target.run("restore", str(tmp_path / "books.jsonl"))
    assert target.scalar(versions) == was[0] + 1
    assert target.scalar(epoch) != was[1]
    http = target.http("demo")
    again = http.raw("GET", "/invoices", headers={"If-None-Match": tag})
    assert (again.status_code, again.headers["ETag"] == tag) == (200, False)
    for name in KINDS:
        before = target.scalar(versions)
        make(http, KINDS[name])
        assert target.scalar(versions) > before, name


def test_every_table_is_kept_but_for_failed_logins(ledger: Http, run: Commands, tmp_path: Path) -> None:
    file = tmp_path / "books.jsonl"
    ledger.raw("GET", "/clients", auth=("demo", "wrong"))
    assert "backed up" in run("backup", str(file)).stdout.lower()
    counts = header(file)["figures"]["rows"]
    assert counts.keys() == db.metadata.tables.keys() - {"login_failures"}
    assert counts == {name: len(kept(file, name)) for name in counts}


def test_tables_of_others_stay_out_of_it(
    ledger: Http, run: Commands, database: Database, target: Place, tmp_path: Path
) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE _replica_seq (id INTEGER)"))
    try:
        run("backup", str(tmp_path / "books.jsonl"))
    finally:
        with database.engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE _replica_seq"))
    target.run("restore", str(tmp_path / "books.jsonl"))
    assert "_replica_seq" not in sa.inspect(target.engine).get_table_names()


def test_amounts_past_64_bits_together_are_summed_up(
    ledger: Http, run: Commands, database: Database, target: Place, tmp_path: Path
) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE items SET price_cents = {2**63 - 1} WHERE id > 1"))
        connection.execute(sa.text(f"UPDATE items SET price_cents = {-(2**63)} WHERE id = 1"))
    run("backup", str(tmp_path / "books.jsonl"))
    assert header(tmp_path / "books.jsonl")["figures"]["sums"]["items.price_cents"] == 2**63 - 2
    target.run("restore", str(tmp_path / "books.jsonl"))


def test_a_mail_that_waits_is_told_of(ledger: Http, run: Commands, target: Place, tmp_path: Path) -> None:
    letters.deliver(ledger, "invoice", letters.make(ledger, "invoice"))
    run("backup", str(tmp_path / "books.jsonl"))
    assert "not sent when it was made: 1;" in target.run("restore", str(tmp_path / "books.jsonl")).stdout
    assert "queued" in target.run("outbox", "list").stdout


def test_invoices_that_were_wrong_before_are_told_of_and_kept(
    ledger: Http, run: Commands, database: Database, target: Place, tmp_path: Path
) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE invoices SET paid_cents = paid_cents + 1 WHERE id < 3"))
    said = run("backup", str(tmp_path / "books.jsonl")), target.run("restore", str(tmp_path / "books.jsonl"))
    assert [one.stderr.split(":")[1:] for one in said] == [
        [" 2 invoices have as paid another sum than that of their payments.\n"]
    ] * 2
    assert target.rows() == rows(database.engine)


def test_the_audit_trail_goes_along_and_its_heads_are_told(
    ledger: Http, run: Commands, target: Place, tmp_path: Path
) -> None:
    said = run("backup", str(tmp_path / "books.jsonl")).stdout
    restored = target.run("restore", str(tmp_path / "books.jsonl")).stdout
    heads = [line for line in said.splitlines() if line.startswith("Audit trail of user ")]
    assert heads
    assert set(heads) <= set(restored.splitlines())
    verified = target.run("audit", "verify").stdout.splitlines()
    assert [line.removeprefix("Audit trail of ") for line in heads] == verified[:-1]
    make(target.http("demo"), KINDS["items"])
    assert "whole" in target.run("audit", "verify").stdout
