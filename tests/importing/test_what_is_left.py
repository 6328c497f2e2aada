"""What is there stays as it is, what cannot be taken is left, and the report says why."""

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from backends import ON_SQLITE
from databases import Database
from factories import make_client, make_invoice, make_user
from inprocess import Http
from kinds import everything
from oldbooks import CLIENT, INVOICE, ITEM, LINE, PAYMENT, PROFILE, books
from saved import Run, save
from tables import by_row

ALL = {"payment": PAYMENT, "item": ITEM, "recurring_profile": PROFILE, "estimate": INVOICE | {"estimate_no": "E-1"}}


def dump(database: Database) -> dict[str, Any]:
    """Every row of every table."""
    metadata = sa.MetaData()
    with database.engine.connect() as connection:
        metadata.reflect(connection)
        return {name: connection.execute(sa.select(table)).all() for name, table in metadata.tables.items()}


def test_a_second_run_changes_nothing(run: Run, database: Database, tmp_path: Path) -> None:
    folder = save(tmp_path, books(**ALL))
    run(folder)
    before = dump(database)
    assert run(folder) == [
        "clients: 0 taken, 1 already there",
        "estimates: 0 taken, 1 already there",
        "invoices: 0 taken, 1 already there",
        "items: 0 taken, 1 already there",
        "payments: 0 taken, 1 already there",
        "recurring_profiles: 0 taken, 1 already there",
        "skipped: 0",
    ]
    assert dump(database) == before


def test_a_second_run_adds_what_was_missing(run: Run, http: Http, tmp_path: Path) -> None:
    folder = save(tmp_path, books())
    run(folder)
    save(folder, books(payment=PAYMENT))
    assert run(folder)[-2:] == ["payments: 1 taken, 0 already there", "skipped: 0"]
    run(folder)
    assert http.get("/invoices/9000")["invoice"]["paid_total"] == "$50.00"


def test_a_dry_run_reports_the_same_and_changes_nothing(
    run: Run, http: Http, database: Database, tmp_path: Path
) -> None:
    folder = save(tmp_path, books(**ALL))
    before = dump(database)
    told = run(folder, "--dry-run")
    assert dump(database) == before
    assert http.post("/clients", client={"name": "First"})["client"]["id"] == 1
    assert told == [*run(folder), "This was a dry run: nothing was changed."]


def test_what_was_changed_here_stays_and_is_told(run: Run, http: Http, tmp_path: Path) -> None:
    folder = save(tmp_path, books(**ALL))
    run(folder)
    http.put("/invoices/9000/payments/4000", payment={"amount": "60"})
    http.put("/clients/3000", client={"name": "New", "city": "Bonn"})
    http.put("/invoices/9000", invoice={"line_items_attributes": [LINE | {"quantity": 3}]})
    after = everything(http)
    stays = "a record of this id is here, and stays as it is; it differs in"
    assert run(folder)[-4:] == [
        "skipped: 3",
        f"  client 3000: {stays} name",
        f"  invoice 9000: {stays} line_items, sub_total_cents, total_cents",
        f"  payment 4000: {stays} amount_cents",
    ]
    assert everything(http) == after


def test_what_lives_on_is_the_same_record(run: Run, http: Http, tmp_path: Path) -> None:
    """Delivered, closed, paid: what an invoice goes through."""
    drafted = books(invoice=INVOICE | {"hash_key": "", "state": "draft"}, payment=PAYMENT)
    folder = save(tmp_path, drafted)
    run(folder)
    http.post("/deliver/invoice/9000", delivery={"recipients": "a@example.test"}, status=200)
    http.post("/invoices/9000/payments", payment={"date": "2011-06-01", "amount": "1"})
    http.post("/invoices/9000/close", status=200)
    assert run(folder)[-1] == "skipped: 0"


def test_records_of_another_user_are_conflicts(run: Run, database: Database, tmp_path: Path) -> None:
    other = make_user(database, "other")
    client = make_client(database, other, id=3000)
    make_invoice(database, other, id=9000, client_id=client)
    theirs = dump(database)["clients"]
    assert run(save(tmp_path, books(payment=PAYMENT)), "--user", "demo") == [
        "skipped: 3",
        "  client 3000: a record of this id belongs to another user",
        "  invoice 9000: its client 3000 is not here; add the answer that shows it",
        "  payment 4000: its invoice 9000 is not here; add the answer that shows it",
    ]
    assert dump(database)["clients"] == theirs


CONFLICTS = {
    "number": ({"hash_key": "other", "line_items": []}, "invoice 9000 has the same invoice_no"),
    "key": ({"invoice_no": "2", "line_items": []}, "invoice 9000 has the same hash_key"),
    "line": ({"invoice_no": "2", "hash_key": ""}, "a line of it has the id of another line"),
    "lines-of-its-own": (
        {"invoice_no": "2", "hash_key": "", "line_items": [LINE | {"id": 1}, LINE | {"id": 1}]},
        "a line of it has the id of another line",
    ),
}


@by_row("changes, why", CONFLICTS)
def test_what_must_be_unique_is(run: Run, tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    """In one run and in the next."""
    second = INVOICE | {"id": 9001} | changes
    folder = save(tmp_path, books() | {"z.json": json.dumps({"invoice": second})})
    for _ in range(2):
        assert run(folder)[-2:] == ["skipped: 1", f"  invoice 9001: {why}"]


INVALID = {
    "blank": ("payment", PAYMENT | {"amount": "", "date": None}, "Date can't be blank; Amount can't be blank"),
    "amount": ("payment", PAYMENT | {"amount": "5 dollars"}, "Amount is not a number"),
    "huge-amount": ("payment", PAYMENT | {"amount": "1e400"}, "Amount must be less than 100000000"),
    "line": ("invoice", INVOICE | {"line_items": [LINE | {"price": "x"}]}, "Line items price is not a number"),
    "lines": ("invoice", INVOICE | {"line_items": "none"}, "Line items is invalid"),
    "total": ("invoice", INVOICE | {"total_billed": "much"}, "Total billed is not a number"),
    "currencies": ("invoice", INVOICE | {"sub_total": "€1.00", "total_billed": "$1.00"}, "Its totals are in several"),
    "too-large": (
        "invoice",
        INVOICE | {"line_items": [LINE | {"quantity": 99999999, "price": "9e11"}]},
        "its total is",
    ),
    "no-number": ("invoice", INVOICE | {"invoice_no": None}, "it has no invoice_no"),
    "no-date": ("invoice", INVOICE | {"date": None}, "Date can't be blank"),
    "time": ("client", CLIENT | {"created_at": "yesterday"}, "Created at is invalid"),
    "frequency": ("recurring_profile", PROFILE | {"frequency_term": "Hourly"}, "Frequency term is not included in"),
    "price": ("item", ITEM | {"price": "$"}, "Price is not a number"),
    "no-price": ("item", ITEM | {"price": [5]}, "Price is not a number"),
    "long-price": ("item", ITEM | {"price": " " * 10**6 + "x"}, "Price is not a number"),
    "character": ("item", ITEM | {"name": "\x00"}, "Name is invalid"),
    "method": (
        "invoice_payment",
        {"id": 5, "invoice_id": 9000, "date": "2011-01-01", "amount_cents": 1, "payment_method_id": 99},
        "payment method 99 is not known",
    ),
    "admin": ("invoice", {"id": 9000, "total_cents": 5, "client_id": 3000}, "an answer of /admin/invoices shows no"),
    "user": ("user", {"id": 1, "name": "ann"}, "users are made by: curdbee-compat user add"),
    "currency": ("currency", {"id": 150, "name": "Dollars", "symbol": "$"}, "currencies are the same for everybody"),
}


@ON_SQLITE
@by_row("root, attributes, why", INVALID)
def test_a_record_that_cannot_be_taken_is_told(
    run: Run, tmp_path: Path, root: str, attributes: dict[str, Any], why: str
) -> None:
    report = run(save(tmp_path, books(**{root: attributes})))
    assert any(f"{root.removeprefix('invoice_').replace('_', ' ')}" in line and why in line for line in report), report


IDS = {
    "none": None,
    "zero": 0,
    "negative": -1,
    "text": "x",
    "fraction": 1.5,
    "list": [1],
    "true": True,
    "past-json": 2**53,
    "past-the-column": 2**63,
    "digits": 10**30,
}


@ON_SQLITE
@by_row("id", IDS)
def test_an_id_that_is_none_is_told(run: Run, tmp_path: Path, id: Any) -> None:
    report = run(save(tmp_path, {"clients.json": json.dumps([{"client": CLIENT | {"id": id}}])}))
    assert report[0] == "skipped: 1"
    assert report[1].startswith("  client ")


def test_one_reason_is_one_line(run: Run, tmp_path: Path) -> None:
    payments = [{"payment": PAYMENT | {"id": id}} for id in range(1, 2001)]
    report = run(save(tmp_path, books() | {"payments.json": json.dumps(payments)}))
    assert report[-2] == "skipped: 2000"
    assert report[-1].startswith("  payment 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 1990 more: no file says of which invoice")
