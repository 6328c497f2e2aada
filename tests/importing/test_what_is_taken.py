"""Ids, numbers, keys and times stay; what answers do not show follows from what they do."""

import json
from pathlib import Path
from typing import Any

from backends import ON_SQLITE
from databases import Database
from inprocess import Http
from oldbooks import CLIENT, INVOICE, ITEM, LINE, PAYMENT, PROFILE, books
from saved import Run, save
from tables import by_row


def test_ids_numbers_and_times_stay(run: Run, http: Http, tmp_path: Path) -> None:
    run(save(tmp_path, books(payment=PAYMENT, item=ITEM, estimate=INVOICE | {"estimate_no": "E-1"})))
    shown = http.get("/invoices/9000")["invoice"]
    kept = ("invoice_no", "hash_key", "created_at", "updated_at", "total_billed", "total_due", "state")
    assert [shown[name] for name in kept] == [
        *("INV-009", "aB3dE6gH", "2011-05-01T08:00:00Z", "2011-05-02T10:00:00Z", "$200.00", "$150.00", "partial")
    ]
    assert shown["line_items"][0] | LINE == shown["line_items"][0]
    assert http.get("/items/77")["item"]["price"] == "$12.50"
    assert http.get("/estimates/9000")["estimate"]["state"] == "sent"
    assert http.get("/payments/4000")["payment"]["payment_method"] == "cheque"


def test_new_records_follow_the_imported_ids(run: Run, http: Http, tmp_path: Path) -> None:
    run(save(tmp_path, books(payment=PAYMENT, item=ITEM, recurring_profile=PROFILE)))
    made = http.post("/invoices", invoice={"client_id": 3000, "line_items_attributes": [LINE | {"id": None}]})[
        "invoice"
    ]
    assert (made["id"], made["invoice_no"], made["line_items"][0]["id"]) == (9001, "INV-010", 501)
    assert http.post("/clients", client={"name": "Next"})["client"]["id"] == 3001
    assert http.post("/items", item={"name": "Next"})["item"]["id"] == 78
    payment = {"date": "2011-05-03", "amount": "1"}
    assert http.post("/invoices/9000/payments", payment=payment)["payment"]["id"] == 4001


STATES = {
    "draft": ({"state": "draft", "hash_key": ""}, [], "draft"),
    "sent": ({"state": "sent", "hash_key": "k"}, [], "sent"),
    "sent-without-a-key": ({"state": "sent", "hash_key": None}, [], "sent"),
    "a-key-and-a-word-of-later": ({"state": "viewed", "hash_key": "k"}, [], "sent"),
    "closed": ({"state": "closed", "hash_key": "k"}, ["200"], "closed"),
    "paid": ({"state": "paid", "hash_key": ""}, ["200"], "paid"),
    "paid-without-its-payments": ({"state": "paid", "hash_key": "k"}, [], "sent"),
    "paid-back": ({"state": "paid", "hash_key": ""}, ["200", "-200"], "draft"),
}


@ON_SQLITE
@by_row("said, amounts, state", STATES)
def test_state_follows_from_what_is_shown(
    run: Run, http: Http, tmp_path: Path, said: dict[str, Any], amounts: list[str], state: str
) -> None:
    payments = [{"payment": PAYMENT | {"id": id, "amount": amount}} for id, amount in enumerate(amounts, 1)]
    files = books(invoice=INVOICE | said) | {"invoices/9000/payments.json": json.dumps(payments)}
    run(save(tmp_path, files))
    assert http.get("/invoices/9000")["invoice"]["state"] == state


def test_a_closed_one_that_was_delivered_is_sent_when_reopened(run: Run, http: Http, tmp_path: Path) -> None:
    run(save(tmp_path, books(invoice=INVOICE | {"state": "closed"})))
    http.post("/invoices/9000/reopen", status=200)
    assert http.get("/invoices/9000")["invoice"]["state"] == "sent"


def test_a_tax_stays_a_rate_and_a_discount_becomes_an_amount(run: Run, http: Http, tmp_path: Path) -> None:
    shown = {"sub_total": "$200.00", "discount_amount": "$20.00", "tax_amount": "$14.85", "total_billed": "$194.85"}
    assert run(save(tmp_path, books(invoice=INVOICE | shown)))[-1] == "skipped: 0"
    http.put("/invoices/9000", invoice={"line_items_attributes": [LINE | {"id": None}]})
    after = http.get("/invoices/9000")["invoice"]
    assert (after["discount_amount"], after["tax_amount"]) == ("$20.00", "$31.35")  # 8.25 % of 380.00


def test_totals_that_the_rules_do_not_make_are_told(run: Run, http: Http, tmp_path: Path) -> None:
    shown = {"sub_total": "$200.01", "total_billed": "$1,200.01", "paid_total": "$7.00"}
    assert run(save(tmp_path, books(invoice=INVOICE | shown)))[-3:] == [
        "to know:",
        "  invoice 9000: its lines and terms come to other totals here: sub-total 200.00, in the file 200.01; "
        "total 200.00, in the file 1200.01",
        "  invoice 9000: paid is 0.00 here, in the file 7.00: add the answers with its payments",
    ]
    assert http.get("/invoices/9000")["invoice"]["total_billed"] == "$200.00"


def test_payments_of_a_later_run_reach_their_invoice_and_leave_its_times(run: Run, http: Http, tmp_path: Path) -> None:
    run(save(tmp_path / "first", books()))
    assert "payments: 1 taken, 0 already there" in run(save(tmp_path / "second", books(payment=PAYMENT)))
    shown = http.get("/invoices/9000")["invoice"]
    assert (shown["state"], shown["paid_total"], shown["updated_at"]) == ("partial", "$50.00", "2011-05-02T10:00:00Z")


def test_a_profile_goes_on_from_its_next_billing_date(run: Run, http: Http, tmp_path: Path) -> None:
    moved = PROFILE | {"id": 61, "next_billing_date": "2040-06-15"}
    files = books(recurring_profile=PROFILE) | {"other.json": json.dumps({"recurring_profile": moved})}
    run(save(tmp_path, files))
    for id, frequency, following in ((60, "Monthly", "2040-02-29"), (61, "Weekly", "2040-06-15")):
        http.put(f"/recurring_profiles/{id}", recurring_profile={"frequency": frequency, "profile_name": "x"})
        assert http.get(f"/recurring_profiles/{id}")["recurring_profile"]["next_billing_date"] == following


def test_a_profile_that_would_bill_years_is_told(run: Run, tmp_path: Path) -> None:
    report = run(save(tmp_path, books(recurring_profile=PROFILE | {"next_billing_date": "2011-05-31"})))
    assert report[-1].startswith("  recurring profile 60: its next billing date, 2011-05-31, is past")


EURO = {"name": "Euro Member Countries, Euro", "symbol": "€"}


def test_currencies_are_found_by_name_or_symbol(run: Run, http: Http, tmp_path: Path) -> None:
    clients = [CLIENT, CLIENT | {"id": 3001, "currency": EURO}, CLIENT | {"id": 3002, "currency": None}]
    clients.append(CLIENT | {"id": 3003, "currency": {"name": "Nowhere, Coins", "symbol": "?"}})
    euros = INVOICE | {"client": {"id": 3001}, "total_billed": "€200.00"}
    moved = {"estimate": INVOICE | {"estimate_no": "E-1", "total_billed": "€200.00"}}
    files = {
        "clients.json": json.dumps([{"client": client} for client in clients]),
        "invoice.json": json.dumps({"invoice": euros}),
        "estimate.json": json.dumps(moved),
    }
    assert run(save(tmp_path, files))[-4:] == [
        "skipped: 1",
        "  client 3003: its currency, 'Nowhere, Coins' with the symbol '?', is none of those here",
        "to know:",
        "  estimate 9000: it is in EUR, as its totals show, and its client in USD",
    ]
    assert http.get("/invoices/9000")["invoice"]["total_billed"] == "€200.00"
    assert http.get("/clients/3002")["client"]["currency"]["symbol"] == "$"


def test_a_dollar_of_another_country_stays_one(run: Run, http: Http, tmp_path: Path, database: Database) -> None:
    """The old service showed "$" for it; here it has another symbol."""
    canadian = CLIENT | {"currency": {"name": "Canada, Dollars", "symbol": "$"}}
    run(save(tmp_path, books(client=canadian)))
    assert http.get("/invoices/9000")["invoice"]["total_billed"] == "CA$200.00"


def test_lines_without_ids_get_free_ones(run: Run, http: Http, tmp_path: Path) -> None:
    bare = {name: value for name, value in LINE.items() if name != "id"}
    lines = [bare, LINE, bare | {"name_and_description": "More"}]
    run(save(tmp_path, books(invoice=INVOICE | {"line_items": lines})))
    assert [line["id"] for line in http.get("/invoices/9000")["invoice"]["line_items"]] == [500, 501, 502]


def test_attributes_nobody_knows_are_ignored(run: Run, http: Http, tmp_path: Path) -> None:
    strange = {"discount": "50%", "secret": [1, {}], "user_id": 99, "paid_cents": 5, "tax_rate": 9}
    assert run(save(tmp_path, books(invoice=INVOICE | strange)))[-1] == "skipped: 0"
    assert http.get("/invoices/9000")["invoice"]["total_due"] == "$200.00"
