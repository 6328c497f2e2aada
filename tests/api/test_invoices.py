"""Invoices: every field in the documented order, defaults, lists by client and page, and what a delete takes along."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from databases import Database
from factories import make_client, make_invoice
from inprocess import Http
from tables import by_row

FIELDS = [
    "shipping_amount",
    "created_at",
    "total_billed",
    "line_items",
    "notes",
    "tax2_compound",
    "updated_at",
    "discount_amount",
    "date",
    "hash_key",
    "id",
    "tax_amount",
    "client",
    "payment_options",
    "total_due",
    "due_date",
    "tax2_amount",
    "sub_total",
    "summary",
    "paid_total",
    "invoice_no",
    "state",
    "allow_partial_payments",
]
LINE = {"name_and_description": "Work", "price": "200.00", "quantity": 1}
INPUT_ONLY = {
    "discount": "10%",
    "shipping": "5.00",
    "tax": "7.5",
    "tax2": "2",
    "line_items_attributes": [LINE],
}


def test_shown_in_the_documented_order_without_what_is_input_only(http: Http, client_id: int) -> None:
    made = http.post("/invoices", invoice={"client_id": client_id, **INPUT_ONLY})["invoice"]
    assert list(made) == FIELDS
    assert list(http.get(f"/invoices/{made['id']}")["invoice"]) == FIELDS
    assert [list(element["invoice"]) for element in http.get("/invoices")] == [FIELDS]


def test_shown_in_the_documented_order_in_xml(http: Http, invoice_id: int) -> None:
    tags = re.findall(r"^  <([a-z0-9-]+)", http.get(f"/invoices/{invoice_id}.xml"), re.MULTILINE)
    assert [tag.replace("-", "_") for tag in tags] == FIELDS


def test_an_invoice_of_a_client_alone(http: Http, client_id: int) -> None:
    earliest = datetime.now(UTC).date().isoformat()
    made = http.post("/invoices", invoice={"client_id": client_id})["invoice"]
    latest = datetime.now(UTC).date().isoformat()
    assert made.pop("date") in (earliest, latest)
    assert made.pop("created_at") == made.pop("updated_at")
    money = ("shipping", "discount", "tax", "tax2")
    assert made == {
        **{f"{name}_amount": "$0.00" for name in money},
        **dict.fromkeys(("total_billed", "total_due", "sub_total", "paid_total"), "$0.00"),
        **dict.fromkeys(("notes", "summary", "due_date", "tax2_compound", "payment_options")),
        "line_items": [],
        "hash_key": "",
        "id": 1,
        "client": {"name": "Acme", "id": client_id},
        "invoice_no": "1",
        "state": "draft",
        "allow_partial_payments": False,
    }


CLIENT_IDS = {
    "null": (None, "can't be blank"),
    "empty": ("", "can't be blank"),
    "unknown": (99, "is invalid"),
    "zero": (0, "is invalid"),
    "text": ("abc", "is invalid"),
    "fraction": (1.5, "is invalid"),
    "true": (True, "is invalid"),
    "array": ([1], "is invalid"),
    "beyond-64-bits": (2**64, "is invalid"),
}


@by_row("sent, message", CLIENT_IDS)
def test_a_client_of_the_users_is_required(http: Http, invoice_id: int, sent: Any, message: str) -> None:
    assert http.post("/invoices", invoice={"client_id": sent}, status=422) == [["client_id", message]]
    refused = http.put(f"/invoices/{invoice_id}", invoice={"client_id": sent, "summary": "x"}, status=422)
    assert refused == [["client_id", message]]
    assert [element["invoice"]["summary"] for element in http.get("/invoices")] == [None]


def test_a_refused_client_reads_as_a_sentence_in_xml(http: Http, user: int) -> None:
    sent = "<invoice><client-id type='integer'>99</client-id></invoice>"
    assert "<error>Client is invalid</error>" in http.post("/invoices.xml", xml=sent, status=422)


def test_the_client_can_be_replaced(http: Http, invoice_id: int) -> None:
    other = http.post("/clients", client={"name": "Other"})["client"]["id"]
    changed = http.put(f"/invoices/{invoice_id}", invoice={"client_id": other})["invoice"]
    assert changed["client"] == {"name": "Other", "id": other}
    assert changed["total_billed"] == "$200.00"


def test_the_clients_new_name_is_shown(http: Http, client_id: int, invoice_id: int) -> None:
    http.put(f"/clients/{client_id}", client={"name": "Acme & Daughters"})
    assert http.get(f"/invoices/{invoice_id}")["invoice"]["client"]["name"] == "Acme & Daughters"


KEPT = {
    "date": ("date", "2011-02-03", "2011-02-03"),
    "date-with-slashes": ("date", "2011/02/03", "2011-02-03"),
    "due-date": ("due_date", "2011-03-03", "2011-03-03"),
    "no-due-date": ("due_date", None, None),
    "notes": ("notes", "Thanks\nfor <everything> & more \U0001f4b6", "Thanks\nfor <everything> & more \U0001f4b6"),
    "long-notes": ("notes", "n" * 10_000, "n" * 10_000),
    "summary": ("summary", "August", "August"),
    "payment-options": ("payment_options", ["paypal", "gcheckout"], ["paypal", "gcheckout"]),
    "payment-options-blank": ("payment_options", [""], [""]),
    "payment-options-none": ("payment_options", None, None),
    "compound": ("tax2_compound", True, True),
    "not-compound": ("tax2_compound", False, False),
    "partial-payments": ("allow_partial_payments", True, True),
    "no-partial-payments": ("allow_partial_payments", "0", False),
}


@by_row("name, sent, shown", KEPT)
def test_kept_as_sent(http: Http, client_id: int, invoice_id: int, name: str, sent: Any, shown: Any) -> None:
    made = http.post("/invoices", invoice={"client_id": client_id, name: sent})["invoice"]
    assert made[name] == shown
    path = f"/invoices/{invoice_id}"
    assert http.put(path, invoice={name: sent})["invoice"][name] == shown
    assert http.get(path)["invoice"][name] == shown


@pytest.mark.parametrize("name", ["notes", "summary", "due_date", "payment_options"])
def test_an_optional_value_can_be_taken_away(http: Http, invoice_id: int, name: str) -> None:
    path = f"/invoices/{invoice_id}"
    http.put(path, invoice={"notes": "n", "summary": "s", "due_date": "2011-03-03", "payment_options": ["paypal"]})
    changed = http.put(path, invoice={name: None})["invoice"]
    others = {"notes", "summary", "due_date", "payment_options"} - {name}
    assert changed[name] is None
    assert None not in [changed[other] for other in others]


@pytest.mark.parametrize("name", ["date", "due_date"])
@pytest.mark.parametrize("sent", ["2011-02-30", "tomorrow", 20110203, ["2011-02-03"]])
def test_what_is_no_date_is_refused(http: Http, client_id: int, name: str, sent: Any) -> None:
    refused = http.post("/invoices", invoice={"client_id": client_id, name: sent}, status=422)
    assert [attribute for attribute, _ in refused] == [name]
    assert http.get("/invoices") == []


def test_payment_options_are_an_array_in_xml(http: Http, client_id: int) -> None:
    options = '<payment-options type="array"><payment-option>paypal</payment-option></payment-options>'
    sent = f"<invoice><client-id>{client_id}</client-id>{options}</invoice>"
    answer = http.post("/invoices.xml", xml=sent)
    assert options in re.sub(r"\n *", "", answer)
    assert http.get("/invoices/1")["invoice"]["payment_options"] == ["paypal"]


READ_ONLY = {
    "id": 77,
    "created_at": "2001-01-01T00:00:00Z",
    "updated_at": "2001-01-01T00:00:00Z",
    "hash_key": "abcdefgh",
    "state": "paid",
    "closed": True,
    "delivered_at": "2001-01-01T00:00:00Z",
    "client": {"name": "Mallory", "id": 1},
    "line_items": [{"price": "9.00", "name_and_description": "x", "quantity": 1.0}],
    **dict.fromkeys(("total_billed", "total_due", "sub_total", "paid_total", "tax_amount", "tax2_amount"), "$9.00"),
    **dict.fromkeys(("total_cents", "paid_cents", "user_id", "currency_id"), 46),
}


def test_what_is_read_only_is_ignored(http: Http, invoice_id: int) -> None:
    path = f"/invoices/{invoice_id}"
    before = http.get(path)["invoice"]
    assert http.put(path, invoice=READ_ONLY)["invoice"] == before
    made = http.post("/invoices", invoice={"client_id": before["client"]["id"], **READ_ONLY})["invoice"]
    ours = ("state", "hash_key", "total_billed", "line_items", "client")
    assert [made[name] for name in ours] == ["draft", "", "$0.00", [], before["client"]]
    assert made["id"] == invoice_id + 1
    assert http.get(path)["invoice"] == before


@pytest.fixture
def two_clients(database: Database, user: int) -> tuple[int, int]:
    """Two clients; the first has invoices 1, 2, 4, ... of 24, the second 3, 6, 9, ..."""
    first, second = make_client(database, user, name="First"), make_client(database, user, name="Second")
    for number in range(1, 25):
        make_invoice(database, user, client_id=second if number % 3 == 0 else first)
    return first, second


ALL, FIRST, SECOND = list(range(1, 25)), [n for n in range(1, 25) if n % 3], list(range(3, 25, 3))
LISTS = {
    "all-20-a-page": ("", ALL[:20]),
    "second-page": ("?page=2", ALL[20:]),
    "past-the-end": ("?page=3", []),
    "gem": ("?per_page=5&page=2", ALL[5:10]),
    "first-client": ("?client=1", FIRST),
    "second-client": ("?client=2", SECOND),
    "client-and-page": ("?client=1&per_page=10&page=2", FIRST[10:]),
    "unknown-client": ("?client=99", []),
    "client-zero": ("?client=0", []),
    "client-negative": ("?client=-1", []),
    "client-text": ("?client=abc", []),
    "client-fraction": ("?client=1.5", []),
    "client-beyond-64-bits": ("?client=99999999999999999999999", []),
    "client-arabic-digit": ("?client=%D9%A1", []),
    "unknown-argument": ("?state=paid&q=x", ALL[:20]),
}


@by_row("arguments, ids", LISTS)
def test_a_list_is(http: Http, two_clients: tuple[int, int], arguments: str, ids: list[int]) -> None:
    assert two_clients == (1, 2)
    assert [element["invoice"]["id"] for element in http.get(f"/invoices{arguments}")] == ids
    in_xml = http.get(f"/invoices.xml{arguments}")
    assert re.findall(r'^    <id type="integer">(\d+)', in_xml, re.MULTILINE) == [str(id) for id in ids]


def test_each_invoice_of_a_list_has_its_own_lines_and_client(http: Http, client_id: int) -> None:
    other = http.post("/clients", client={"name": "Other"})["client"]["id"]
    for number, owner in enumerate((client_id, other, client_id)):
        lines = [LINE | {"name_and_description": f"{number}.{place}"} for place in range(number)]
        http.post("/invoices", invoice={"client_id": owner, "line_items_attributes": lines})
    listed = [element["invoice"] for element in http.get("/invoices")]
    names = [[line["name_and_description"] for line in invoice["line_items"]] for invoice in listed]
    assert names == [[], ["1.0"], ["2.0", "2.1"]]
    assert [invoice["client"]["name"] for invoice in listed] == ["Acme", "Other", "Acme"]
    assert [http.get(f"/invoices/{invoice['id']}")["invoice"] for invoice in listed] == listed


def counts(database: Database) -> list[int]:
    """How many invoices, lines and payments there are."""
    tables = ("invoices", "invoice_line_items", "payments")
    with database.engine.connect() as connection:
        return [connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) for table in tables]


def test_a_delete_takes_lines_and_payments_along(http: Http, database: Database, client_id: int) -> None:
    for _ in range(2):
        http.post("/invoices", invoice={"client_id": client_id, "line_items_attributes": [LINE, LINE]})
    paid = [
        http.post(f"/invoices/{invoice}/payments", payment={"date": "2010-09-30", "amount": "5"})["payment"]["id"]
        for invoice in (1, 1, 2)
    ]
    assert counts(database) == [2, 4, 3]
    assert http.delete("/invoices/1") is None
    assert counts(database) == [1, 2, 1]
    for gone in ("/invoices/1", "/invoices/1/payments", f"/invoices/1/payments/{paid[0]}", f"/payments/{paid[0]}"):
        http.get(gone, status=404)
    http.delete("/invoices/1", status=404)
    assert http.get("/invoices/2/payments")[0]["payment"]["id"] == paid[2]
