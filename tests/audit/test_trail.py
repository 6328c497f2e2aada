"""Every change of a user's data is told in the audit trail: by whom, how, from where, what was before and after."""

import getpass
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from commands import Commands
from databases import Database
from factories import token_of
from inprocess import Http
from kinds import KINDS, Kind
from tables import by_row

from curdbee_compat.models.base import today
from curdbee_compat.models.user import User

GOOD = {"date": "2010-09-30", "amount": "50.00", "payment_method": "cash"}
BEFORE_AND_AFTER = ({"paid_cents": 0, "state": "draft"}, {"paid_cents": 5000, "state": "partial"})
Told = Callable[..., list[dict[str, Any]]]


def test_a_payment_is_told_with_its_invoice(http: Http, payments: str, told: Told) -> None:
    http.post(payments, payment=GOOD)
    invoice, payment = told()
    assert (invoice["action"], invoice["record_type"], invoice["record_id"]) == ("update", "invoices", 1)
    assert (invoice["before"], invoice["after"]) == BEFORE_AND_AFTER
    assert (payment["action"], payment["record_type"], payment["before"]) == ("create", "payments", None)
    assert payment["after"]["amount_cents"] == 5000
    assert payment["invoice_id"] == invoice["invoice_id"] == 1


def test_who_did_it_how_from_where_and_by_which_request(http: Http, payments: str, told: Told) -> None:
    http.post(payments, payment=GOOD)
    entry = told()[0]
    assert (entry["actor"], entry["credential"], entry["address"]) == ("demo", "password", "127.0.0.1")
    assert entry["endpoint"] == "api.invoices_payments_create"
    assert len(entry["request_id"]) == 32
    assert entry["at"].startswith(today().isoformat())


@by_row(
    "path, auth, kind",
    {
        "password": ("/items", ("demo", "demo"), "password"),
        "token in the query": (f"/items?api_token={token_of('demo')}", None, "token"),
        "token as a name": ("/items", (token_of("demo"), ""), "token"),
    },
)
def test_the_kind_of_credential_is_told(http: Http, told: Told, path: str, auth: Any, kind: str) -> None:
    http.post(path, item={"name": "A", "price": "1.00"}, auth=auth)
    assert [entry["credential"] for entry in told()] == [kind]


def test_a_payment_that_an_admin_creates_is_told_with_its_invoice(admin: Http, payments: str, told: Told) -> None:
    sent = {"amount_cents": 5000, "date": "2010-09-30", "payment_method_id": 1}
    admin.post("/admin/invoices/1/invoice_payments", invoice_payment=sent)
    invoice, payment = told()
    assert (invoice["before"], invoice["after"]) == BEFORE_AND_AFTER
    assert (payment["action"], payment["actor"], payment["user_id"]) == ("create", "admin", 1)
    assert payment["after"]["payment_method_id"] == 1


def test_an_admin_is_told_as_the_one_who_did_it(admin: Http, payment: str, told: Told) -> None:
    sent = {"amount_cents": 100}
    admin.put("/admin/invoices/1/invoice_payments/1", invoice_payment=sent)
    changed = told()[-1]
    assert (changed["actor"], changed["user_id"]) == ("admin", 1)
    assert (changed["before"], changed["after"]) == ({"amount_cents": 5000}, {"amount_cents": 100})


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.root)
def test_every_kind_of_record_is_told_from_beginning_to_end(
    http: Http, told: Told, invoice_id: int, kind: Kind
) -> None:
    made = http.post(kind.path, json={kind.root: kind.created})[kind.root]["id"]
    http.put(f"{kind.path}/{made}", json={kind.root: kind.changed})
    http.delete(f"{kind.path}/{made}")
    mine = [entry for entry in told() if (entry["record_type"], entry["record_id"]) == (kind.plural, made)]
    assert [entry["action"] for entry in mine] == ["create", "update", "destroy"]
    created, changed, destroyed = mine
    assert created["after"] | changed["after"] == destroyed["before"]
    assert changed["before"].keys() == changed["after"].keys()
    assert all(changed["before"][name] != changed["after"][name] for name in changed["after"])


def test_what_changes_nothing_or_is_refused_is_not_told(http: Http, payment: str, told: Told) -> None:
    before = told()
    http.put(payment, payment={"amount": "50.00"})
    http.put(payment, payment={"amount": "x"}, status=422)
    http.delete("/payments/99", status=405)
    assert told() == before


def test_lines_are_told_too(http: Http, client_id: int, told: Told) -> None:
    line = {"name_and_description": "Work", "price": "10.00", "quantity": 1}
    http.post("/invoices", invoice={"client_id": client_id, "line_items_attributes": [line, line]})
    assert [entry["record_type"] for entry in told()] == ["invoice_line_items", "invoice_line_items", "invoices"]


def test_a_batch_is_told_record_by_record(admin: Http, http: Http, payments: str, told: Told) -> None:
    for _ in range(3):
        http.post(payments, payment=GOOD)
    sent = {"batch_action": "mark_accounted", "collection_selection": [1, 2, 3]}
    admin.post("/admin/invoices/1/invoice_payments/batch_action", json=sent, status=200)
    assert [entry["after"] for entry in told()[-3:]] == [{"accounted": True}] * 3


def test_secrets_stay_out_of_it(http: Http, run: Commands, told: Told, invoice_id: int) -> None:
    http.post(f"/deliver/invoice/{invoice_id}", delivery={"recipients": "a@example.test"}, status=200)
    run("user", "password", "demo", "--password-stdin", stdin="another-password\n")
    told_all = told()
    assert told_all[-1]["after"] == {"password_hash": "***"}
    assert (told_all[-1]["actor"], told_all[-1]["credential"]) == (getpass.getuser(), "command")
    assert told_all[-1]["endpoint"].endswith("user password")
    assert "***" in [entry["after"].get("hash_key") for entry in told_all if entry["record_type"] == "invoices"]


def test_it_is_shown_by_invoice_and_from_a_moment_on(http: Http, payment: str, told: Told, run: Commands) -> None:
    http.post("/items", item={"name": "A", "price": "1.00"})
    assert {entry["record_type"] for entry in told("--invoice", "1")} == {"invoices", "payments"}
    assert len(told("--since", today().isoformat())) == len(told()) == 3
    assert told("--since", "2999-01-01") == []
    assert told("--invoice", "99") == []


def test_as_csv_it_has_a_row_each(http: Http, payment: str, run: Commands) -> None:
    lines = run("audit").stdout.splitlines()
    assert lines[0].startswith("id,user_id,sequence,at,actor,")
    assert len(lines) == 3
    assert run("audit").stdout == run("audit", "--format", "csv").stdout


STATEMENTS = {
    "update": "UPDATE audit_entries SET actor = 'x'",
    "delete": "DELETE FROM audit_entries",
    "empty": {"sqlite": "DELETE FROM audit_entries WHERE true", "postgres": "TRUNCATE audit_entries"},
    "replace": {
        "sqlite": "INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries",
        "postgres": "UPDATE audit_entries SET hash = 'x' WHERE sequence = 2",
    },
}


@pytest.mark.parametrize("way", STATEMENTS)
def test_nobody_changes_it_by_plain_sql(http: Http, payment: str, database: Database, backend: str, way: str) -> None:
    told = STATEMENTS[way]
    statement = told if isinstance(told, str) else told[backend]
    with database.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="append-only"):
        connection.execute(sa.text(statement))


def test_the_head_stands_with_the_user(http: Http, payment: str, database: Database, told: Told) -> None:
    last = told()[-1]
    with database.engine.connect() as connection:
        head = connection.execute(sa.select(User.audit_length, User.audit_head)).one()
    assert tuple(head) == (last["sequence"], last["hash"]) == (2, last["hash"])


def test_what_is_imported_is_told_record_by_record(http: Http, told: Told, run: Commands, tmp_path: Path) -> None:
    client = {"client": {"id": 7, "name": "Acme", "created_at": "2010-08-24T01:47:50Z"}}
    (tmp_path / "clients.json").write_text(json.dumps([client]))
    run("import", str(tmp_path / "clients.json"))
    (entry,) = told()
    assert (entry["action"], entry["record_type"], entry["record_id"]) == ("create", "clients", 7)
    assert (entry["after"]["name"], entry["credential"]) == ("Acme", "command")
    run("import", str(tmp_path / "clients.json"))
    assert told() == [entry]
    assert "whole" in run("audit", "verify").stdout


def test_a_new_user_is_told_as_an_admin_made_him(run: Commands, database: Database, told: Told) -> None:
    run("user", "add", "jane", "--password-stdin", "--admin", stdin="a-long-password\n")
    (entry,) = told()
    assert (entry["record_type"], entry["after"]["name"], entry["after"]["admin"]) == ("users", "jane", True)
    assert {entry["after"]["password_hash"], entry["after"]["token_digest"]} == {"***"}
