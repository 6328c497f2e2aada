"""Line items: sent as Rails' nested attributes, shown bare inside their invoice, in the sender's order."""

import re
import time
from typing import Any

import pytest
from databases import Database
from factories import make_invoice
from inprocess import Http
from tables import by_row

FIELDS = ["price", "name_and_description", "quantity", "sort_order", "total", "id", "unit"]
REQUIRED = ["name_and_description", "price", "quantity"]
MOST = 10_000


def line(name: str = "Work", price: Any = "10.00", quantity: Any = 1, **values: Any) -> dict[str, Any]:
    return {"name_and_description": name, "price": price, "quantity": quantity, **values}


def names(invoice: dict[str, Any]) -> list[str]:
    return [shown["name_and_description"] for shown in invoice["line_items"]]


@pytest.fixture
def invoice(http: Http, client_id: int) -> str:
    """The path of an invoice of two lines, "Design" (id 1) over 20.00 and "Code" (id 2) over 45.00."""
    lines = [line("Design", 10, 2, unit="h", sort_order=1), line("Code", "15.00", 3, unit="h", sort_order=2)]
    made = http.post("/invoices", invoice={"client_id": client_id, "line_items_attributes": lines})
    return f"/invoices/{made['invoice']['id']}"


def change(http: Http, path: str, *lines: Any, status: int = 200) -> Any:
    """The invoice after a PUT of these lines, or the errors."""
    answer = http.put(path, invoice={"line_items_attributes": list(lines)}, status=status)
    return answer["invoice"] if status == 200 else answer


def test_shown_bare_in_the_documented_order(http: Http, invoice: str) -> None:
    first = http.get(invoice)["invoice"]["line_items"][0]
    assert list(first) == FIELDS
    assert first == line("Design", "10.00", 2.0, sort_order=1, total="20.00", id=1, unit="h")


def test_quantity_is_a_float_in_both_formats(http: Http, invoice: str) -> None:
    assert b'"quantity":2.0,' in http.raw("GET", invoice).data
    assert '<quantity type="float">2.0</quantity>' in http.get(f"{invoice}.xml")


def test_shown_in_the_documented_order_in_xml(http: Http, invoice: str) -> None:
    text = http.get(f"{invoice}.xml")
    assert '<line-items type="array">\n    <line-item>\n      <price>10.00</price>\n' in text
    tags = re.findall(r"^      <([a-z-]+)", text, re.MULTILINE)
    assert [tag.replace("-", "_") for tag in tags] == FIELDS * 2


@pytest.mark.parametrize("missing", REQUIRED)
@pytest.mark.parametrize("blank", ["absent", None, ""])
def test_name_price_and_quantity_are_required(http: Http, invoice: str, missing: str, blank: Any) -> None:
    sent = line() | {missing: blank}
    if blank == "absent":
        del sent[missing]
    before = http.get(invoice)
    assert change(http, invoice, line("Good"), sent, status=422) == [[f"line_items_{missing}", "can't be blank"]]
    assert http.get(invoice) == before


def test_a_line_of_nothing_says_all_that_is_missing(http: Http, client_id: int) -> None:
    refused = http.post("/invoices", invoice={"client_id": client_id, "line_items_attributes": [{}]}, status=422)
    assert refused == [[f"line_items_{name}", "can't be blank"] for name in REQUIRED]
    assert http.get("/invoices") == []


A, B = line("A", "1.00"), line("B", "2.00")
AS_XML = "<line-item><name-and-description>{}</name-and-description><price>{}</price><quantity>1</quantity></line-item>"
SHAPES = {
    "array": {"json": {"invoice": {"line_items_attributes": [A, B]}}},
    "index-keyed-object": {"json": {"invoice": {"line_items_attributes": {"0": A, "1": B}}}},
    "object-with-any-keys": {"json": {"invoice": {"line_items_attributes": {"1286": A, "new_2": B}}}},
    "xml-array": {
        "xml": "<invoice><line-items-attributes type='array'>"
        + AS_XML.format("A", "1.00")
        + AS_XML.format("B", "2.00")
        + "</line-items-attributes></invoice>"
    },
    "form": {
        "form": {
            f"invoice[line_items_attributes][{place}][{name}]": str(value)
            for place, sent in enumerate((A, B))
            for name, value in sent.items()
        }
    },
}


@by_row("body", SHAPES)
def test_lines_are_taken_as(http: Http, database: Database, user: int, body: dict[str, Any]) -> None:
    path = f"/invoices/{make_invoice(database, user)}"
    assert http.raw("PUT", path, **body).status_code == 200
    shown = http.get(path)["invoice"]
    assert [(got["name_and_description"], got["total"]) for got in shown["line_items"]] == [
        ("A", "1.00"),
        ("B", "2.00"),
    ]
    assert shown["sub_total"] == "$3.00"


@pytest.mark.parametrize("sent", ["x", 5, True, [1], ["x"], [[line()]], {"0": "x", "1": line()}])
def test_what_holds_no_lines_is_refused(http: Http, invoice: str, sent: Any) -> None:
    before = http.get(invoice)
    http.put(invoice, invoice={"line_items_attributes": sent}, status=422)
    assert http.get(invoice) == before


@pytest.mark.parametrize("sent", [None, "", [], {}])
def test_no_lines_change_nothing(http: Http, invoice: str, sent: Any) -> None:
    before = http.get(invoice)
    assert http.put(invoice, invoice={"line_items_attributes": sent}) == before


@pytest.mark.parametrize("key", [{}, {"id": None}, {"id": ""}])
def test_a_line_without_an_id_is_appended_on_an_update_too(http: Http, invoice: str, key: dict[str, Any]) -> None:
    changed = change(http, invoice, line("More", "5.00") | key)
    assert names(changed) == ["Design", "Code", "More"]
    assert changed["total_billed"] == "$70.00"
    assert changed == http.get(invoice)["invoice"]


@pytest.mark.parametrize("id", [1, "1"])
def test_a_line_with_an_id_is_changed_where_it_says_so(http: Http, invoice: str, id: Any) -> None:
    before = http.get(invoice)["invoice"]["line_items"]
    changed = change(http, invoice, {"id": id, "quantity": 4})
    assert changed["line_items"] == [before[0] | {"quantity": 4.0, "total": "40.00"}, before[1]]
    assert changed["total_billed"] == "$85.00"


@pytest.mark.parametrize("name", REQUIRED)
def test_a_change_may_not_take_away_what_is_required(http: Http, invoice: str, name: str) -> None:
    assert change(http, invoice, {"id": 1, name: ""}, status=422) == [[f"line_items_{name}", "can't be blank"]]


@pytest.mark.parametrize("flag", ["_destroy", "_delete"])
@pytest.mark.parametrize("value", [True, 1, "1", "true", "t", "T", "TRUE"])
def test_a_true_flag_drops_the_line(http: Http, invoice: str, flag: str, value: Any) -> None:
    """What Rails 2.3 took for true."""
    changed = change(http, invoice, {"id": 1, flag: value})
    assert (names(changed), changed["total_billed"]) == (["Code"], "$45.00")
    assert http.get(invoice)["invoice"] == changed


@pytest.mark.parametrize("flag", ["_destroy", "_delete"])
@pytest.mark.parametrize("value", [False, 0, "0", "false", "f", "FALSE", "no", None, ""])
def test_any_other_flag_keeps_it(http: Http, invoice: str, flag: str, value: Any) -> None:
    """Rails 2.3 again: what is not on its list of true values is false."""
    assert names(change(http, invoice, {"id": 1, flag: value, "name_and_description": "Kept"})) == ["Kept", "Code"]


def test_a_new_line_that_is_dropped_at_once_never_was(http: Http, invoice: str) -> None:
    assert names(change(http, invoice, line("Never", _destroy=1))) == ["Design", "Code"]


def test_lines_are_dropped_changed_and_appended_together(http: Http, invoice: str) -> None:
    changed = change(http, invoice, {"id": 1, "_destroy": 1}, {"id": 2, "price": "1.00"}, line("New", "0.50"))
    assert (names(changed), changed["sub_total"]) == (["Code", "New"], "$3.50")


def test_a_line_of_another_invoice_is_invalid(http: Http, invoice: str, client_id: int) -> None:
    other = http.post("/invoices", invoice={"client_id": client_id, "line_items_attributes": [line()]})["invoice"]
    foreign = other["line_items"][0]["id"]
    before = http.get("/invoices")
    for sent in ({"id": foreign, "price": "0"}, {"id": foreign, "_destroy": 1}):
        assert change(http, invoice, line("New"), sent, status=422) == [["line_items_id", "is invalid"]]
    assert http.get("/invoices") == before


@pytest.mark.parametrize("id", [99, 0, -1, "abc", 1.5, True, 2**64, [1]])
def test_an_unknown_line_is_invalid(http: Http, invoice: str, id: Any) -> None:
    assert change(http, invoice, {"id": id, "price": "0"}, status=422) == [["line_items_id", "is invalid"]]


def test_a_new_invoice_has_no_lines_to_name(http: Http, invoice: str, client_id: int) -> None:
    sent = {"client_id": client_id, "line_items_attributes": [line(id=1)]}
    assert http.post("/invoices", invoice=sent, status=422) == [["line_items_id", "is invalid"]]


ORDERS = {
    "as-sent": ([None, None, None], "ABC"),
    "by-place": ([3, 1, 2], "BCA"),
    "equal-places-as-sent": ([2, 1, 1], "BCA"),
    "without-a-place-last": ([None, 2, 1], "CBA"),
    "negative-first": ([0, 5, -1], "CAB"),
}


@by_row("places, shown", ORDERS)
def test_lines_stand_in_the_senders_order(http: Http, client_id: int, places: list, shown: str) -> None:
    lines = [line(name, sort_order=place) for name, place in zip("ABC", places, strict=True)]
    made = http.post("/invoices", invoice={"client_id": client_id, "line_items_attributes": lines})["invoice"]
    assert names(http.get(f"/invoices/{made['id']}")["invoice"]) == list(shown)
    assert names(http.get("/invoices")[0]["invoice"]) == list(shown)
    assert names(made) == list(shown)


def test_a_changed_place_is_seen_at_once(http: Http, invoice: str) -> None:
    changed = change(http, invoice, {"id": 1, "sort_order": 9})
    assert names(changed) == ["Code", "Design"]
    assert http.get(invoice)["invoice"] == changed


NUMBERS = {
    "two": ("10", 2, "10.00", 2.0, "20.00"),
    "text": ("10.5", "2.5", "10.50", 2.5, "26.25"),
    "price-rounds-half-away": ("1.005", 1, "1.01", 1.0, "1.01"),
    "price-rounds-half-away-json": (1.005, 1, "1.01", 1.0, "1.01"),
    "negative-price-rounds-half-away": ("-1.005", 1, "-1.01", 1.0, "-1.01"),
    "line-rounds-half-away": ("3.33", "1.5", "3.33", 1.5, "5.00"),
    "credit": ("10", -2, "10.00", -2.0, "-20.00"),
    "credit-rounds-half-away": ("3.33", "-1.5", "3.33", -1.5, "-5.00"),
    "nothing": ("0", 0, "0.00", 0.0, "0.00"),
    "four-places": ("10000", "0.0001", "10000.00", 0.0001, "1.00"),
    "fifth-place-rounds-half-away": ("10000", "0.00005", "10000.00", 0.0001, "1.00"),
    "a-third": ("100", "0.3333", "100.00", 0.3333, "33.33"),
}


@by_row("price, quantity, shown_price, shown_quantity, total", NUMBERS)
def test_numbers_are_shown_as(
    http: Http, client_id: int, price: Any, quantity: Any, shown_price: str, shown_quantity: float, total: str
) -> None:
    sent = {"client_id": client_id, "line_items_attributes": [line("A", price, quantity, total="99.00")]}
    shown = http.post("/invoices", invoice=sent)["invoice"]["line_items"][0]
    assert (shown["price"], shown["quantity"], shown["total"]) == (shown_price, shown_quantity, total)
    assert http.get("/invoices/1")["invoice"]["line_items"] == [shown]


@pytest.mark.parametrize("sent", ["abc", "$5.00", "1,000", "5.", True, [5], {"a": 5}])
def test_what_is_no_number_is_refused(http: Http, client_id: int, sent: Any) -> None:
    for name in ("price", "quantity"):
        body = {"client_id": client_id, "line_items_attributes": [line() | {name: sent}] * 2}
        assert http.post("/invoices", invoice=body, status=422) == [[f"line_items_{name}", "is not a number"]]


def test_the_key_line_items_is_ignored(http: Http, invoice: str, client_id: int) -> None:
    """The gem sends back what it has read."""
    shown = http.get(invoice)
    emptied = shown["invoice"]["line_items"][:1]
    assert http.put(invoice, invoice={"line_items": emptied}) == shown
    assert http.put(invoice, invoice={"line_items": [line("New")]}) == shown
    made = http.post("/invoices", invoice={"client_id": client_id, "line_items": [line()]})["invoice"]
    assert made["line_items"] == []


def test_ten_thousand_lines_are_taken_and_not_one_more(http: Http, client_id: int) -> None:
    sent = {"client_id": client_id, "line_items_attributes": [line(f"Line {n}", "0.01") for n in range(MOST)]}
    started = time.process_time()
    made = http.post("/invoices", invoice=sent)["invoice"]
    assert time.process_time() - started < 10
    assert (len(made["line_items"]), made["total_billed"]) == (MOST, "$100.00")
    assert change(http, f"/invoices/{made['id']}", line(), status=422)[0][0].startswith("line_items")
    assert len(http.get(f"/invoices/{made['id']}")["invoice"]["line_items"]) == MOST


def test_ten_thousand_and_one_lines_are_refused(http: Http, client_id: int) -> None:
    sent = {"client_id": client_id, "line_items_attributes": [line()] * (MOST + 1)}
    assert http.post("/invoices", invoice=sent, status=422)[0][0].startswith("line_items")
    assert http.get("/invoices") == []
