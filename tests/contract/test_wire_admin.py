"""The admin API: wire semantics, section 10, and the rulings on it. Each row's id begins with s10."""

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from inprocess import Http
from tables import by_row

BLANK = "can't be blank"
NO_NUMBER = "is not a number"
NO_INTEGER = "must be an integer"


@pytest.fixture
def path(invoice_id: int) -> str:
    """The admin's path of the payments of an ordinary user's invoice."""
    return f"/admin/invoices/{invoice_id}/invoice_payments"


@pytest.fixture
def member(admin: Http, path: str) -> str:
    """The path of one of them: 50.00 in cash."""
    sent = {"amount_cents": 5000, "payment_method_id": 1, "date": "2024-01-15"}
    return f"{path}/{admin.post(path, invoice_payment=sent)['invoice_payment']['id']}"


def create(admin: Http, path: str, **changes: Any) -> Any:
    """A create with all that is required, `changes` on top; a body as text goes as it is."""
    return admin.raw("POST", path, invoice_payment={"amount_cents": 100, "date": "2024-01-15"} | changes)


def test_s10_empty_list(admin: Http, path: str) -> None:
    response = admin.raw("GET", f"{path}.json")
    assert (response.status_code, response.data) == (200, b'{"invoice_payments":[]}')


def test_s10_list_in_xml(admin: Http, path: str, member: str) -> None:
    listed = ElementTree.fromstring(admin.raw("GET", f"{path}.xml").data)
    assert (listed.tag, listed.attrib) == ("invoice-payments", {"type": "array"})
    (row,) = listed
    assert (row.tag, row.findtext("amount-cents"), row.findtext("accounted")) == ("invoice-payment", "5000", "false")
    assert row.find("amount-cents").attrib == {"type": "integer"}
    assert row.find("accounted").attrib == {"type": "boolean"}


def test_s10_errors_are_a_hash_by_attribute(admin: Http, path: str) -> None:
    response = create(admin, path, amount_cents="abc", date=None)
    assert (response.status_code, response.json) == (
        422,
        {"errors": {"date": [BLANK], "amount_cents": [NO_NUMBER]}},
    )


def test_s10_errors_in_xml_are_whole_sentences(admin: Http, path: str) -> None:
    response = admin.raw("POST", f"{path}.xml", invoice_payment={"amount_cents": "abc", "date": "2024-01-15"})
    assert response.status_code == 422
    errors = ElementTree.fromstring(response.data)
    assert (errors.tag, [error.text for error in errors]) == ("errors", ["Amount cents is not a number"])


NO_ROOT = {
    "s10-missing-root": {"json": {}},
    "s10-missing-root-other": {"json": {"payment": {"amount_cents": 1, "date": "2024-01-15"}}},
    "s10-missing-root-flat": {"json": {"amount_cents": 1, "date": "2024-01-15"}},
    "s10-missing-body": {},
    "s10-empty-root": {"json": {"invoice_payment": {}}},
    "s10-null-root": {"json": {"invoice_payment": None}},
    "s10-array-root": {"json": {"invoice_payment": []}},
    "s10-empty-root-xml": {"xml": "<invoice-payment/>"},
    "s10-malformed": {"body": "{", "content_type": "application/json"},
    "s10-malformed-xml": {"body": "<invoice-payment>", "content_type": "application/xml"},
}


@by_row("sent", NO_ROOT)
def test_missing_or_empty_root_is_400(admin: Http, path: str, member: str, sent: dict) -> None:
    before = admin.get(path)
    for method, where in (("POST", path), ("PATCH", member), ("PUT", member)):
        response = admin.raw(method, f"{where}.json", **sent)
        assert response.status_code == 400, (method, response.data)
        assert response.json
    assert admin.get(path) == before


def test_s10_delete(admin: Http, member: str) -> None:
    response = admin.raw("DELETE", member)
    assert (response.status_code, response.data) == (204, b"")
    assert "Content-Length" not in response.headers
    assert admin.raw("DELETE", member).status_code == 404


def test_s10_put_is_patch(admin: Http, member: str) -> None:
    put = admin.put(member, invoice_payment={"amount_cents": 6000})
    assert put["invoice_payment"]["payment_method_id"] == 1
    assert admin.patch(member, invoice_payment={"amount_cents": 6000}) == put


@by_row(
    "sent, kept",
    {
        "s10-cents-integer": (100000, 100000),
        "s10-cents-text": ("100000", 100000),
        "s10-cents-plus": ("+7", 7),
        "s10-cents-leading-zeros": ("007", 7),
        "s10-cents-negative": (-5, -5),
        "s10-cents-negative-text": ("-5", -5),
        "s10-cents-zero": (0, 0),
        "s10-cents-2147483648": (2147483648, 2147483648),
        "s10-cents-largest": (9_999_999_999, 9_999_999_999),
    },
)
def test_cents_taken(admin: Http, path: str, sent: Any, kept: int) -> None:
    response = create(admin, path, amount_cents=sent)
    assert response.status_code == 201, response.data
    assert [row["amount_cents"] for row in admin.get(path)["invoice_payments"]] == [kept]


CENTS_REFUSED = {
    "s10-cents-12.5": (12.5, [NO_INTEGER]),
    "s10-cents-12.0": (12.0, [NO_INTEGER]),
    "s10-cents-12.5-text": ("12.5", [NO_INTEGER]),
    "s10-cents-1e3": (1e3, [NO_INTEGER]),
    "s10-cents-1e3-text": ("1e3", [NO_INTEGER]),
    "s10-cents-blanks-around": (" 7 ", [NO_INTEGER]),
    "s10-cents-underscore": ("1_000", [NO_INTEGER]),
    "s10-cents-abc": ("abc", [NO_NUMBER]),
    "s10-cents-true": (True, [NO_NUMBER]),
    "s10-cents-hex": ("0x10", [NO_NUMBER]),
    "s10-cents-thousands": ("1,000", [NO_NUMBER]),
    "s10-cents-null": (None, [BLANK]),
    "s10-cents-empty": ("", [BLANK]),
    "s10-cents-array": ([5], None),
    "s10-cents-object": ({"a": 5}, None),
    "s10-cents-beyond-a-payment": (10_000_000_000, None),
    "s10-cents-2^63": (2**63, None),
    "s10-cents-2^63-text": (str(2**63), None),
    "s10-cents-minus-2^63": (-(2**63) - 1, None),
    "s10-cents-5000-digits": ("9" * 5000, None),
    "s10-cents-arabic-digits": ("\u0665", [NO_NUMBER]),
}


@by_row("sent, messages", CENTS_REFUSED)
def test_cents_refused(admin: Http, path: str, member: str, sent: Any, messages: list | None) -> None:
    """Without messages given, which they are is our choice."""
    before = admin.get(path)
    change = admin.raw("PATCH", member, invoice_payment={"amount_cents": sent})
    for response in (create(admin, path, amount_cents=sent), change):
        assert (response.status_code, list(response.json["errors"])) == (422, ["amount_cents"]), response.data
        assert response.json["errors"]["amount_cents"] == (messages or response.json["errors"]["amount_cents"])
    assert admin.get(path) == before


def test_s10_cents_missing(admin: Http, path: str) -> None:
    errors = admin.post(path, invoice_payment={"date": "2024-01-15"}, status=422)
    assert errors == {"errors": {"amount_cents": [BLANK]}}


FALSE = {
    "s10-accounted-false": False,
    "s10-accounted-0": 0,
    "s10-accounted-0-text": "0",
    "s10-accounted-f": "f",
    "s10-accounted-off": "off",
    "s10-accounted-upper-false": "FALSE",
    "s10-accounted-false-text": "false",
    "s10-accounted-upper-f": "F",
    "s10-accounted-upper-off": "OFF",
    "s10-accounted-empty": "",
    "s10-accounted-null": None,
}


@by_row("sent", FALSE)
def test_accounted_is_false(admin: Http, path: str, sent: Any) -> None:
    assert create(admin, path, accounted=sent).json["invoice_payment"]["accounted"] is False
    made = create(admin, path, accounted=True).json["invoice_payment"]
    assert made["accounted"] is True
    changed = admin.patch(f"{path}/{made['id']}", invoice_payment={"accounted": sent})
    assert changed["invoice_payment"]["accounted"] is False


def test_s10_accounted_omitted(admin: Http, path: str) -> None:
    assert create(admin, path).json["invoice_payment"]["accounted"] is False


@by_row(
    "sent",
    {
        "s10-accounted-yes": "yes",
        "s10-accounted-no": "no",
        "s10-accounted-2": 2,
        "s10-accounted-mixed-case": "False",
        "s10-accounted-blank-before": " false ",
    },
)
def test_accounted_otherwise_is_true_or_refused(admin: Http, path: str, sent: Any) -> None:
    status = create(admin, path, accounted=sent).status_code
    stored = [row["accounted"] for row in admin.get(path)["invoice_payments"]]
    assert (status, stored) in ((201, [True]), (422, []))


@by_row(
    "sent",
    {
        "s10-method-abc": "abc",
        "s10-method-5.7": 5.7,
        "s10-method-unknown": 999,
        "s10-method-2^63": 2**63,
        "s10-method-negative": -1,
        "s10-method-array": [1],
        "s10-method-true": True,
    },
)
def test_payment_method_that_does_not_exist_is_refused(admin: Http, path: str, sent: Any) -> None:
    response = create(admin, path, payment_method_id=sent)
    assert (response.status_code, list(response.json["errors"])) == (422, ["payment_method_id"]), response.data
    assert admin.get(path) == {"invoice_payments": []}


@pytest.mark.parametrize("sent", [None, ""])
def test_s10_method_may_be_none(admin: Http, path: str, sent: Any) -> None:
    assert create(admin, path, payment_method_id=sent).json["invoice_payment"]["payment_method_id"] is None


@by_row("sent", {"s10-date-impossible": "2024-02-30", "s10-date-x": "x", "s10-date-null": None, "s10-date-empty": ""})
def test_date_refused(admin: Http, path: str, sent: Any) -> None:
    response = create(admin, path, date=sent)
    assert (response.status_code, response.json) == (422, {"errors": {"date": [BLANK]}})


def test_s10_unknown_attributes_and_ids_are_ignored(admin: Http, member: str) -> None:
    before = admin.get(member)
    sent = {"id": 77, "invoice_id": 77, "user_id": 77, "colour": "red", "created_at": "2001-01-01T00:00:00Z"}
    assert admin.patch(member, invoice_payment=sent) == before


def test_s10_the_namespace_is_for_admins(http: Http, member: str, path: str) -> None:
    for where in (path, member, "/admin/users", "/admin/invoices", "/admin/payment_methods"):
        response = http.raw("GET", where)
        assert (response.status_code, response.json) == (403, {"status": 403, "error": "Forbidden"})
        assert http.raw("GET", where, auth=None).status_code == 401
