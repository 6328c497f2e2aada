"""Estimates: as invoices, but with numbers of their own and nothing to be paid."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from databases import Database
from inprocess import Http
from tables import by_row

FIELDS = [
    *("created_at", "total_billed", "line_items", "notes", "tax2_compound", "updated_at", "discount_amount", "date"),
    *("hash_key", "id", "tax_amount", "client", "total_due", "tax2_amount", "sub_total", "summary", "paid_total"),
    *("estimate_no", "state", "due_date", "payment_options", "shipping_amount"),
]
LINE = {"name_and_description": "Work", "price": "200.00", "quantity": 1}


def make(http: Http, client_id: int, **values: Any) -> dict[str, Any]:
    return http.post("/estimates", estimate={"client_id": client_id, **values})["estimate"]


def test_shown_in_the_documented_order(http: Http, client_id: int) -> None:
    """The three fields that only the gem's recordings have come last."""
    made = make(http, client_id, discount="10%", shipping="5", tax="7.5", tax2="2", line_items_attributes=[LINE])
    assert list(made) == FIELDS
    assert [list(element["estimate"]) for element in http.get("/estimates")] == [FIELDS]
    tags = re.findall(r"^  <([a-z0-9-]+)", http.get(f"/estimates/{made['id']}.xml"), re.MULTILINE)
    assert [tag.replace("-", "_") for tag in tags] == FIELDS


def test_an_estimate_of_a_client_alone(http: Http, client_id: int) -> None:
    earliest = datetime.now(UTC).date().isoformat()
    made = make(http, client_id)
    assert made.pop("date") in (earliest, datetime.now(UTC).date().isoformat())
    assert made.pop("created_at") == made.pop("updated_at")
    assert made == {
        **{f"{name}_amount": "$0.00" for name in ("shipping", "discount", "tax", "tax2")},
        **dict.fromkeys(("total_billed", "total_due", "sub_total", "paid_total"), "$0.00"),
        **dict.fromkeys(("notes", "summary", "due_date", "tax2_compound", "payment_options")),
        "line_items": [],
        "hash_key": "",
        "id": 1,
        "client": {"name": "Acme", "id": client_id},
        "estimate_no": "1",
        "state": "draft",
    }


def test_totals_are_those_of_an_invoice(http: Http, client_id: int) -> None:
    terms = {"discount": "10%", "shipping": "5%", "tax": "19", "tax2": "2.5", "tax2_compound": True}
    lines = [LINE, LINE | {"price": "33.335", "quantity": "1.5"}, LINE | {"price": "-10"}]
    sent = {"client_id": client_id, "line_items_attributes": lines, **terms}
    estimate = http.post("/estimates", estimate=sent)["estimate"]
    invoice = http.post("/invoices", invoice=sent)["invoice"]
    totals = [name for name in FIELDS if name.startswith(("total", "tax", "sub", "discount", "shipping"))]
    assert {name: estimate[name] for name in totals} == {name: invoice[name] for name in totals}
    assert estimate["total_billed"] == "$275.48"
    plain = ("price", "quantity", "total", "name_and_description")
    assert [[line[name] for name in plain] for line in estimate["line_items"]] == [
        [line[name] for name in plain] for line in invoice["line_items"]
    ]


NUMBERS = {
    "first": ([], "1"),
    "next": (["7"], "8"),
    "prefix-and-padding": (["EST-009"], "EST-010"),
    "after-the-newest-not-the-largest": (["90", "3"], "4"),
    "the-next-free-one": (["3", "2"], "4"),
    "no-digits": (["ABC"], "ABC1"),
}


@by_row("taken, following", NUMBERS)
def test_a_number_is_given(http: Http, client_id: int, taken: list[str], following: str) -> None:
    """Invoices have a sequence of their own."""
    http.post("/invoices", invoice={"client_id": client_id, "invoice_no": "500"})
    assert [make(http, client_id, estimate_no=number)["estimate_no"] for number in taken] == taken
    assert make(http, client_id)["estimate_no"] == following
    assert http.post("/invoices", invoice={"client_id": client_id})["invoice"]["invoice_no"] == "501"


def test_a_number_is_its_users_once(http: Http, stranger: Http, client_id: int) -> None:
    first, second = make(http, client_id, estimate_no="A"), make(http, client_id)
    taken = [["estimate_no", "has already been taken"]]
    assert http.post("/estimates", estimate={"client_id": client_id, "estimate_no": "A"}, status=422) == taken
    assert http.put(f"/estimates/{second['id']}", estimate={"estimate_no": "A"}, status=422) == taken
    assert http.put(f"/estimates/{first['id']}", estimate={"estimate_no": "A"})["estimate"] == first
    theirs = stranger.post("/clients", client={"name": "Theirs"})["client"]["id"]
    assert make(stranger, theirs, estimate_no="A")["estimate_no"] == "A"
    http.post("/invoices", invoice={"client_id": client_id, "invoice_no": "A"})


@pytest.mark.parametrize("sent", ["", "  "])
def test_a_blank_number_is_refused(http: Http, client_id: int, sent: str) -> None:
    blank = [["estimate_no", "can't be blank"]]
    assert http.post("/estimates", estimate={"client_id": client_id, "estimate_no": sent}, status=422) == blank
    made = make(http, client_id, estimate_no=None)
    assert http.put(f"/estimates/{made['id']}", estimate={"estimate_no": sent}, status=422) == blank


CLIENT_IDS = {
    "absent": ({}, "can't be blank"),
    "null": ({"client_id": None}, "can't be blank"),
    "unknown": ({"client_id": 99}, "is invalid"),
    "text": ({"client_id": "abc"}, "is invalid"),
    "beyond-64-bits": ({"client_id": 2**64}, "is invalid"),
}


@by_row("sent, message", CLIENT_IDS)
def test_a_client_is_required(http: Http, client_id: int, sent: dict[str, Any], message: str) -> None:
    assert http.post("/estimates", estimate={"summary": "x", **sent}, status=422) == [["client_id", message]]
    assert http.get("/estimates") == []


def test_nothing_is_paid_for_an_estimate(http: Http, client_id: int) -> None:
    number = make(http, client_id, line_items_attributes=[LINE])["id"]
    payment = {"date": "2010-09-30", "amount": "5"}
    for method in ("GET", "POST"):
        assert http.raw(method, f"/estimates/{number}/payments", payment=payment).status_code == 404
    shown = http.get(f"/estimates/{number}")["estimate"]
    assert (shown["paid_total"], shown["total_due"], shown["state"]) == ("$0.00", "$200.00", "draft")


def test_lines_are_changed_appended_and_dropped(http: Http, client_id: int) -> None:
    made = make(http, client_id, line_items_attributes=[LINE, LINE | {"price": "1"}])
    first, second = (line["id"] for line in made["line_items"])
    changes = [{"id": first, "quantity": 2}, {"id": second, "_destroy": "1"}, LINE | {"price": "0.50", "unit": "h"}]
    changed = http.put(f"/estimates/{made['id']}", estimate={"line_items_attributes": changes})["estimate"]
    assert [(line["price"], line["quantity"]) for line in changed["line_items"]] == [("200.00", 2.0), ("0.50", 1.0)]
    assert changed["total_billed"] == "$400.50"
    other = make(http, client_id)
    foreign = {"line_items_attributes": [{"id": first, "price": "1"}]}
    refused = http.put(f"/estimates/{other['id']}", estimate=foreign, status=422)
    assert refused == [["line_items_id", "is invalid"]]


def test_a_form_is_taken(http: Http, client_id: int) -> None:
    """As Rails' own pages sent it: lines by their index."""
    lines = {f"estimate[line_items_attributes][{n}][{name}]": value for n in (0, 1) for name, value in LINE.items()}
    made = http.post("/estimates", form={"estimate[client_id]": client_id, "estimate[tax]": "10%"} | lines)["estimate"]
    assert (made["total_billed"], len(made["line_items"])) == ("$440.00", 2)


def test_lists_by_client_and_page(http: Http, client_id: int) -> None:
    other = http.post("/clients", client={"name": "Other"})["client"]["id"]
    for number in range(1, 22):
        make(http, other if number % 3 == 0 else client_id)

    def ids(arguments: str) -> list[int]:
        return [element["estimate"]["id"] for element in http.get(f"/estimates{arguments}")]

    assert ids("") == list(range(1, 21))
    assert ids("?page=2") == [21]
    assert ids("?page=3") == []
    assert ids(f"?client={other}") == list(range(3, 22, 3))
    assert ids(f"?client={other}&per_page=5&page=2") == [18, 21]
    assert [ids(f"?client={junk}") for junk in ("99", "abc", "1.5", "-1")] == [[], [], [], []]


def test_a_delete_takes_the_lines_along(http: Http, database: Database, client_id: int) -> None:
    first, second = (make(http, client_id, line_items_attributes=[LINE, LINE])["id"] for _ in range(2))
    assert http.delete(f"/estimates/{first}") is None
    http.get(f"/estimates/{first}", status=404)
    with database.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM estimate_line_items")) == 2
    assert [element["estimate"]["id"] for element in http.get("/estimates")] == [second]


def test_a_client_with_an_estimate_cannot_be_deleted(http: Http, client_id: int) -> None:
    number = make(http, client_id)["id"]
    assert http.delete(f"/clients/{client_id}", status=422) == [["base", "Client has estimates"]]
    http.delete(f"/estimates/{number}")
    http.delete(f"/clients/{client_id}")
