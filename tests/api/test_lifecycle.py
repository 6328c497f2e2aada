"""Close, reopen and duplicate, which invoices and estimates have alike; convert is in a file of its own."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from databases import Database
from factories import at
from inprocess import Http
from tables import by_row

LINE = {"name_and_description": "Work", "price": "200.00", "quantity": 1}
LONG_AGO = "2010-09-30T01:47:50Z"
BOTH = pytest.mark.parametrize("root", ["invoice", "estimate"])


def make(http: Http, root: str, **values: Any) -> dict[str, Any]:
    """A statement over 200.00 of client 1, who is made if need be."""
    if not http.get("/clients"):
        http.post("/clients", client={"name": "Acme", "email": "acme@example.test"})
    return http.post(f"/{root}s", json={root: {"client_id": 1, "line_items_attributes": [LINE], **values}})[root]


def show(http: Http, root: str, number: int) -> dict[str, Any]:
    return http.get(f"/{root}s/{number}")[root]


def pay(http: Http, number: int, amount: str) -> None:
    http.post(f"/invoices/{number}/payments", payment={"date": "2010-09-30", "amount": amount})


def deliver(http: Http, root: str, number: int) -> None:
    http.post(f"/deliver/{root}/{number}", delivery={}, status=200)


def days() -> set[date]:
    """The dates that are today, UTC; two of them around midnight."""
    return {(datetime.now(UTC) - timedelta(minutes=minutes)).date() for minutes in (0, 5)}


ASKED = {
    "suffix": (".json", {}, "application/json"),
    "xml": (".xml", {}, "application/xml"),
    "none": ("", {}, "application/json"),
    "none-with-xml-type": ("", {"content_type": "application/xml"}, "application/xml"),
    "empty-object": ("", {"json": {}}, "application/json"),
    "body-of-something": (
        ".json",
        {"json": {"invoice": {"notes": "n"}, "estimate": {"notes": "n"}}},
        "application/json",
    ),
    "malformed": (".xml", {"body": "{", "content_type": "application/json"}, "application/xml"),
    "slash": ("/", {}, "application/json"),
}


@BOTH
def test_close_and_reopen_answer_nothing_whatever_is_sent_along(http: Http, root: str) -> None:
    """The actions have no attributes."""
    number = make(http, root)["id"]
    for case, (suffix, sent, mimetype) in ASKED.items():
        for action, state in (("close", "closed"), ("reopen", "draft")):
            response = http.raw("POST", f"/{root}s/{number}/{action}{suffix}", **sent)
            assert (response.status_code, response.data, response.mimetype) == (200, b"", mimetype), case
            assert response.headers["Content-Length"] == "0"
            assert "Location" not in response.headers
            shown = show(http, root, number)
            assert (shown["state"], shown["notes"]) == (state, None), case


STORIES = {
    "draft": ([], "draft"),
    "sent": (["deliver"], "sent"),
    "partial": (["50"], "partial"),
    "paid": (["200"], "paid"),
    "sent-and-refunded": (["deliver", "200", "-200"], "sent"),
}


@by_row("story, state", STORIES)
def test_a_closed_invoice_reopens_to_what_it_was(http: Http, story: list[str], state: str) -> None:
    number = make(http, "invoice")["id"]
    for event in story:
        deliver(http, "invoice", number) if event == "deliver" else pay(http, number, event)
    for _ in range(2):
        http.post(f"/invoices/{number}/close", status=200)
        assert show(http, "invoice", number)["state"] == "closed"
    for _ in range(2):
        http.post(f"/invoices/{number}/reopen", status=200)
        assert show(http, "invoice", number)["state"] == state


def test_a_closed_invoice_stays_closed_when_paid(http: Http) -> None:
    number = make(http, "invoice")["id"]
    http.post(f"/invoices/{number}/close", status=200)
    for amount, due in (("50", "$150.00"), ("150", "$0.00"), ("-10", "$10.00")):
        pay(http, number, amount)
        shown = show(http, "invoice", number)
        assert (shown["state"], shown["total_due"]) == ("closed", due)
    http.post(f"/invoices/{number}/reopen", status=200)
    assert show(http, "invoice", number)["state"] == "partial"


@BOTH
def test_a_closed_statement_stays_closed_when_changed_or_delivered(http: Http, root: str) -> None:
    number = make(http, root)["id"]
    http.post(f"/{root}s/{number}/close", status=200)
    changed = http.put(f"/{root}s/{number}", json={root: {"line_items_attributes": [LINE], "discount": "5"}})[root]
    assert (changed["state"], changed["total_billed"]) == ("closed", "$395.00")
    deliver(http, root, number)
    assert show(http, root, number)["state"] == "closed"
    http.post(f"/{root}s/{number}/reopen", status=200)
    assert show(http, root, number)["state"] == "sent"


@BOTH
def test_updated_at_moves_with_the_state_only(http: Http, database: Database, root: str) -> None:
    number = make(http, root)["id"]
    for action, moves in (("reopen", False), ("close", True), ("close", False), ("reopen", True)):
        with database.engine.begin() as connection:
            connection.execute(sa.text(f"UPDATE {root}s SET updated_at = :then"), {"then": at(LONG_AGO)})
        http.post(f"/{root}s/{number}/{action}", status=200)
        assert (show(http, root, number)["updated_at"] != LONG_AGO) == moves, action


@BOTH
def test_a_duplicate_is_a_new_draft_of_today(http: Http, root: str) -> None:
    """Client, lines and terms are the same; id, number, dates and timestamps its own; payments and page none."""
    terms = {"discount": "10%", "shipping": "5%", "tax": "19", "tax2": "2.5", "tax2_compound": True}
    texts = {"notes": "n", "summary": "s", "payment_options": ["paypal"], "allow_partial_payments": True}
    lines = [LINE | {"unit": "h", "sort_order": 2}, LINE | {"price": "1.50", "quantity": 0.5, "sort_order": 1}]
    dates = {"date": "2011-02-03", "due_date": "2011-03-05", f"{root}_no": "X-009"}
    made = make(http, root, line_items_attributes=lines, **terms, **texts, **dates)
    deliver(http, root, made["id"])
    if root == "invoice":
        pay(http, made["id"], "50")
    http.post(f"/{root}s/{made['id']}/close", status=200)
    before = show(http, root, made["id"])
    assert before["hash_key"]

    response = http.raw("POST", f"/{root}s/{made['id']}/duplicate")
    copy = response.json[root]
    assert (response.status_code, list(copy)) == (201, list(before))
    assert response.headers["Location"] == f"http://localhost/{root}s/{copy['id']}"
    assert show(http, root, copy["id"]) == copy
    assert show(http, root, made["id"]) == before

    assert date.fromisoformat(copy["date"]) in days()
    assert date.fromisoformat(copy["due_date"]) - date.fromisoformat(copy["date"]) == timedelta(days=30)
    assert (copy["id"], copy[f"{root}_no"], copy["state"], copy["hash_key"]) == (made["id"] + 1, "X-010", "draft", "")
    assert (copy["paid_total"], copy["total_due"]) == ("$0.00", copy["total_billed"])
    own = {"id", f"{root}_no", "date", "due_date", "created_at", "updated_at", "line_items", "state", "hash_key"}
    own |= {"paid_total", "total_due"}
    assert {name: copy[name] for name in before if name not in own} == {
        name: before[name] for name in before if name not in own
    }
    without_ids = [[line | {"id": None} for line in shown["line_items"]] for shown in (copy, before)]
    assert without_ids[0] == without_ids[1]
    assert copy.get("allow_partial_payments") is (True if root == "invoice" else None)
    assert {line["id"] for line in copy["line_items"]}.isdisjoint(line["id"] for line in before["line_items"])


@BOTH
def test_a_duplicate_keeps_percentages_as_such(http: Http, root: str) -> None:
    made = make(http, root, discount="10%", shipping="5%", tax="10")
    copy = http.post(f"/{root}s/{made['id']}/duplicate")[root]
    changed = http.put(f"/{root}s/{copy['id']}", json={root: {"line_items_attributes": [LINE]}})[root]
    assert (changed["discount_amount"], changed["shipping_amount"], changed["tax_amount"]) == (
        *("$40.00", "$20.00", "$36.00"),
    )
    assert show(http, root, made["id"])["total_billed"] == made["total_billed"]


@BOTH
@by_row(
    "dates, term",
    {
        "none": ({"date": "2011-02-03"}, None),
        "same-day": ({"date": "2011-02-03", "due_date": "2011-02-03"}, 0),
        "due-before": ({"date": "2011-02-03", "due_date": "2011-02-01"}, -2),
        "over-a-leap-day": ({"date": "2012-02-28", "due_date": "2012-03-01"}, 2),
    },
)
def test_the_term_of_a_duplicate(http: Http, root: str, dates: dict[str, str], term: int | None) -> None:
    made = make(http, root, **dates)
    copy = http.post(f"/{root}s/{made['id']}/duplicate")[root]
    if term is None:
        assert copy["due_date"] is None
        return
    assert date.fromisoformat(copy["due_date"]) - date.fromisoformat(copy["date"]) == timedelta(days=term)


@BOTH
def test_a_duplicates_number_follows_the_newest_and_is_free(http: Http, root: str) -> None:
    made = make(http, root, **{f"{root}_no": "7"})
    make(http, root, **{f"{root}_no": "21"})
    make(http, root, **{f"{root}_no": "20"})
    copies = [http.post(f"/{root}s/{made['id']}/duplicate")[root][f"{root}_no"] for _ in range(2)]
    assert copies == ["22", "23"]


@BOTH
def test_a_duplicate_in_xml(http: Http, root: str) -> None:
    number = make(http, root)["id"]
    response = http.raw("POST", f"/{root}s/{number}/duplicate.xml")
    assert (response.status_code, response.mimetype) == (201, "application/xml")
    assert response.data == http.raw("GET", f"/{root}s/{number + 1}.xml").data


@BOTH
def test_what_is_missing_or_anothers(http: Http, stranger: Http, root: str) -> None:
    made = make(http, root)
    asked = [(stranger, made["id"]), *((http, number) for number in (99, "abc", 2**64, "-1", "0"))]
    for action in ("close", "reopen", "duplicate"):
        for user, number in asked:
            response = user.raw("POST", f"/{root}s/{number}/{action}.json")
            assert (response.status_code, response.json) == (404, {"status": 404, "error": "Not Found"}), (
                action,
                number,
            )
    assert [element[root] for element in http.get(f"/{root}s")] == [made]
