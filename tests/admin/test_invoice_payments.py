"""An invoice's payments in the admin API: what is taken and refused, and that they are the public API's payments."""

import re
from typing import Any

import pytest
from databases import Database
from factories import make_invoice, make_payment, make_payments
from inprocess import Http
from tables import by_row

PATH = "/admin/invoices/7/invoice_payments"
BLANK, NO_NUMBER, NO_INTEGER = "can't be blank", "is not a number", "must be an integer"
BAD_REQUEST = {"status": 400, "error": "Bad Request"}
GOOD = {"amount_cents": 100_000, "date": "2024-01-15"}


@pytest.fixture(autouse=True)
def invoice(database: Database, user: int) -> int:
    """Invoice 7 of an ordinary user, without lines."""
    return make_invoice(database, user, id=7)


def post(admin: Http, *, status: int = 201, **values: Any) -> Any:
    """The new payment, or the errors by attribute."""
    answer = admin.post(PATH, invoice_payment=GOOD | values, status=status)
    return answer["invoice_payment"] if status == 201 else answer["errors"]


AMOUNTS = {
    "integer": (100_000, 100_000),
    "text": ("100000", 100_000),
    "plus": ("+7", 7),
    "padded": ("007", 7),
    "negative": (-5, -5),
    "negative-text": ("-5", -5),
    "zero": (0, 0),
    "beyond-32-bits": (2_147_483_648, 2_147_483_648),
    "largest": (9_999_999_999, 9_999_999_999),
    "smallest": (-9_999_999_999, -9_999_999_999),
}
NO_AMOUNTS = {
    "fraction": (12.5, NO_INTEGER),
    "whole-float": (12.0, NO_INTEGER),
    "fraction-text": ("12.5", NO_INTEGER),
    "exponent": (1e20, NO_INTEGER),
    "exponent-text": ("1e3", NO_INTEGER),
    "blanks-around": (" 7 ", NO_INTEGER),
    "underscore": ("1_000", NO_INTEGER),
    "text": ("abc", NO_NUMBER),
    "true": (True, NO_NUMBER),
    "hex": ("0x10", NO_NUMBER),
    "thousands": ("1,000", NO_NUMBER),
    "null": (None, BLANK),
    "empty": ("", BLANK),
    "array": ([5], BLANK),
    "object": ({"a": 5}, BLANK),
    "beyond-decimal-10-2": (10**10, None),
    "below-decimal-10-2": (-(10**10), None),
    "2-to-the-63": (2**63, None),
    "400-digits": ("9" * 400, None),
}


@by_row("sent, stored", AMOUNTS)
def test_an_amount_is_taken(admin: Http, sent: Any, stored: int) -> None:
    made = post(admin, amount_cents=sent)
    assert made == {"id": 1, "invoice_id": 7, "payment_method_id": None, "accounted": False, **GOOD} | {
        "amount_cents": stored
    }
    assert admin.get(f"{PATH}/1")["invoice_payment"] == made


@by_row("sent, message", NO_AMOUNTS)
def test_an_amount_is_refused(admin: Http, sent: Any, message: str | None) -> None:
    """Without a message given, which one is our choice."""
    errors = post(admin, amount_cents=sent, status=422)
    assert list(errors) == ["amount_cents"]
    assert errors["amount_cents"] == [message or errors["amount_cents"][0]]
    assert admin.get(PATH) == {"invoice_payments": []}


def test_1e3_as_a_number_is_no_integer(admin: Http) -> None:
    body = '{"invoice_payment":{"amount_cents":1e3,"date":"2024-01-15"}}'
    answer = admin.post(PATH, body=body, content_type="application/json", status=422)
    assert answer == {"errors": {"amount_cents": [NO_INTEGER]}}


@pytest.mark.parametrize("sent", ["2024-02-30", "x", "", None, 20240115, ["2024-01-15"]], ids=str)
def test_a_date_is_refused(admin: Http, sent: Any) -> None:
    assert post(admin, date=sent, status=422) == {"date": [BLANK]}


def test_all_that_is_missing_is_said_in_both_formats(admin: Http) -> None:
    sent = {"accounted": True}
    answer = admin.post(PATH, invoice_payment=sent, status=422)
    assert answer == {"errors": {"date": [BLANK], "amount_cents": [BLANK]}}
    in_xml = admin.post(f"{PATH}.xml", invoice_payment=sent, status=422)
    assert re.findall("<error>(.*)</error>", in_xml) == [f"Date {BLANK}", f"Amount cents {BLANK}"]


BOOKED = {
    **{f"false-{sent!r}": (sent, False) for sent in (False, 0, "0", "f", "F", "off", "OFF", "false", "FALSE")},
    **{f"true-{sent!r}": (sent, True) for sent in (True, 1, "1", "t", "true", "on", "TRUE")},
    "null": (None, False),
    "empty": ("", False),
}


@by_row("sent, stored", BOOKED)
def test_accounted_is_read_as(admin: Http, sent: Any, stored: bool) -> None:
    assert post(admin, accounted=sent)["accounted"] is stored
    assert post(admin, accounted=not stored)["accounted"] is not stored
    assert admin.patch(f"{PATH}/2", invoice_payment={"accounted": sent})["invoice_payment"]["accounted"] is stored


@pytest.mark.parametrize("sent", ["yes", "no", 2, "False", " false "])
def test_anything_else_is_true_or_refused(admin: Http, sent: Any) -> None:
    response = admin.raw("POST", PATH, invoice_payment=GOOD | {"accounted": sent})
    stored = [row["accounted"] for row in admin.get(PATH)["invoice_payments"]]
    assert (response.status_code, stored) in [(201, [True]), (422, [])]


@by_row("sent, stored", {"integer": (5, 5), "text": ("5", 5), "null": (None, None), "empty": ("", None)})
def test_a_method_is_taken(admin: Http, sent: Any, stored: int | None) -> None:
    assert post(admin, payment_method_id=sent)["payment_method_id"] == stored


@pytest.mark.parametrize("sent", [99, 0, -1, "abc", "cash", 5.7, "5.7", True, [5], {"id": 5}, 2**63], ids=str)
def test_a_method_that_is_no_existing_id_is_refused(admin: Http, sent: Any) -> None:
    assert post(admin, payment_method_id=sent, status=422) == {"payment_method_id": ["is invalid"]}
    post(admin, payment_method_id=5)
    refused = admin.patch(f"{PATH}/1", invoice_payment={"payment_method_id": sent}, status=422)
    assert refused == {"errors": {"payment_method_id": ["is invalid"]}}
    assert admin.get(f"{PATH}/1")["invoice_payment"]["payment_method_id"] == 5


ROOTLESS = {
    "nothing": {"body": b""},
    "empty-object": {"json": {}},
    "no-root": {"json": GOOD},
    "other-root": {"json": {"payment": GOOD}},
    "empty-root": {"json": {"invoice_payment": {}}},
    "null-root": {"json": {"invoice_payment": None}},
    "empty-root-in-xml": {"xml": "<invoice_payment/>"},
    "malformed": {"body": b'{"invoice_payment":', "content_type": "application/json"},
}


@by_row("body", ROOTLESS)
@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])
def test_without_attributes_it_is_400(
    admin: Http, database: Database, invoice: int, method: str, body: dict[str, Any]
) -> None:
    path = PATH if method == "POST" else f"{PATH}/{make_payment(database, invoice)}"
    before = admin.get(PATH)
    response = admin.raw(method, f"{path}.json", **body)
    assert (response.status_code, response.get_json()) == (400, BAD_REQUEST)
    assert admin.get(PATH) == before


def test_what_is_not_known_or_read_only_is_ignored(admin: Http) -> None:
    extra = {"id": 77, "invoice_id": 8, "user_id": 9, "balance": "9.00", "amount": "9.00", "colour": "red"}
    made = post(admin, **extra)
    assert (made["id"], made["invoice_id"], made["amount_cents"]) == (1, 7, 100_000)
    assert admin.patch(f"{PATH}/1", invoice_payment=extra)["invoice_payment"] == made


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_an_update_changes_what_is_sent_and_nothing_else(admin: Http, method: str) -> None:
    before = post(admin, payment_method_id=5, accounted=True)
    changes = ({"amount_cents": -1}, {"date": "2024-02-29"}, {"payment_method_id": None}, {"accounted": False})
    for change in changes:
        before |= change
        response = admin.raw(method, f"{PATH}/1", invoice_payment=change)
        assert (response.status_code, response.get_json()["invoice_payment"]) == (200, before)
    blank = admin.raw(method, f"{PATH}/1", invoice_payment={"date": None, "amount_cents": "", "accounted": True})
    assert (blank.status_code, blank.get_json()) == (422, {"errors": {"date": [BLANK], "amount_cents": [BLANK]}})
    assert admin.get(f"{PATH}/1")["invoice_payment"] == before


def test_shown_in_xml_with_types(admin: Http) -> None:
    post(admin, accounted=True)
    row = (
        '  <id type="integer">1</id>\n  <invoice-id type="integer">7</invoice-id>\n'
        '  <amount-cents type="integer">100000</amount-cents>\n  <payment-method-id nil="true"></payment-method-id>\n'
        '  <date>2024-01-15</date>\n  <accounted type="boolean">true</accounted>\n'
    )
    shown = admin.get(f"{PATH}/1.xml").replace(' nil="true"/>', ' nil="true"></payment-method-id>')
    assert shown == f'<?xml version="1.0" encoding="UTF-8"?>\n<invoice-payment>\n{row}</invoice-payment>\n'
    listed = admin.get(f"{PATH}.xml")
    assert '<invoice-payments type="array">\n  <invoice-payment>\n    <id type="integer">1</id>\n' in listed


def test_taken_in_xml_and_forms(admin: Http) -> None:
    tags = "<amount-cents type='integer'>5</amount-cents><date>2024-01-15</date><accounted>true</accounted>"
    admin.post(PATH, xml=f"<invoice-payment>{tags}</invoice-payment>")
    form = {"amount_cents": "5", "date": "2024-01-15", "accounted": "1"}
    admin.post(PATH, form={f"invoice_payment[{name}]": value for name, value in form.items()})
    first, second = admin.get(PATH)["invoice_payments"]
    assert first | {"id": 0} == second | {"id": 0, "possible_duplicate": True}
    assert (first["amount_cents"], first["accounted"]) == (5, True)


def test_listed_newest_first_and_30_a_page(admin: Http, database: Database, invoice: int) -> None:
    ids = make_payments(database, invoice, [{"amount_cents": number} for number in range(33)])
    listed = [[row["id"] for row in admin.get(f"{PATH}?page={page}")["invoice_payments"]] for page in (1, 2, 3)]
    assert listed == [ids[:2:-1], ids[2::-1], []]


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_a_payment_of_another_invoice_is_missing(admin: Http, database: Database, user: int, method: str) -> None:
    other = make_payment(database, make_invoice(database, user))
    sent = {"invoice_payment": GOOD}
    for path in (f"{PATH}/{other}", f"{PATH}/99", f"/admin/invoices/99/invoice_payments/{other}"):
        response = admin.raw(method, path, json=sent)
        assert (response.status_code, response.get_json()) == (404, {"status": 404, "error": "Not Found"})


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_payments_of_a_missing_invoice_are_missing(admin: Http, method: str) -> None:
    response = admin.raw(method, "/admin/invoices/99/invoice_payments", invoice_payment=GOOD)
    assert response.status_code == 404


def test_the_owner_sees_at_once_what_an_admin_does(admin: Http, http: Http) -> None:
    """Also a client that asks with the ETag of what it has."""
    path = "/invoices/7/payments"

    def seen() -> list[str]:
        nonlocal tag
        response = http.raw("GET", path, headers={"If-None-Match": tag})
        assert response.status_code == 200
        assert response.headers["ETag"] != tag
        tag = response.headers["ETag"]
        return [element["payment"]["amount"] for element in response.get_json()]

    tag = '"none"'
    assert seen() == []
    post(admin)
    assert seen() == ["1000.00"]
    admin.patch(f"{PATH}/1", invoice_payment={"amount_cents": 5})
    assert seen() == ["0.05"]
    admin.delete(f"{PATH}/1", status=204)
    assert seen() == []
