"""Status and body of each action: wire semantics, section 8. Each row's id begins with s8."""

import re
from typing import Any

import pytest
from inprocess import Http
from tables import by_row

TYPES = {"": "application/json", ".json": "application/json", ".xml": "application/xml"}
FORMATS = pytest.mark.parametrize("suffix", list(TYPES))
GOOD = {"date": "2010-09-30", "amount": "100.00"}
XML_ERRORS = b"""<?xml version="1.0" encoding="UTF-8"?>
<errors>
  <error>Date can't be blank</error>
  <error>Amount can't be blank</error>
</errors>
"""


@FORMATS
def test_s8_create_ok(http: Http, payments: str, suffix: str) -> None:
    response = http.raw("POST", payments + suffix, payment=GOOD)
    assert (response.status_code, response.mimetype) == (201, TYPES[suffix])
    number = response.headers["Location"].rpartition("/")[2]
    assert response.data == http.raw("GET", f"{payments}/{number}{suffix}").data


def test_s8_create_bad_in_json(http: Http, payments: str) -> None:
    response = http.raw("POST", f"{payments}.json", payment={})
    body = b'[["date","can\'t be blank"],["amount","can\'t be blank"]]'
    assert (response.status_code, response.data) == (422, body)


def test_s8_create_bad_in_xml(http: Http, payments: str) -> None:
    response = http.raw("POST", f"{payments}.xml", payment={})
    assert (response.status_code, response.data) == (422, XML_ERRORS)


@FORMATS
def test_s8_update_ok(http: Http, payment: str, suffix: str) -> None:
    response = http.raw("PUT", payment + suffix, payment={"amount": "70"})
    assert (response.status_code, response.mimetype) == (200, TYPES[suffix])
    assert "70.00" in response.get_data(as_text=True)
    assert response.data == http.raw("GET", payment + suffix).data
    assert re.fullmatch(r"http://localhost/payments/\d+", response.headers["Location"])


@by_row(
    "sent, errors",
    {
        "s8-update-bad-amount": ({"amount": "x"}, [["amount", "is not a number"]]),
        "s8-update-blank-amount": ({"amount": ""}, [["amount", "can't be blank"]]),
        "s8-update-blank-date": ({"date": None}, [["date", "can't be blank"]]),
        "s8-update-blank-both": (
            {"amount": None, "date": ""},
            [["date", "can't be blank"], ["amount", "can't be blank"]],
        ),
        "s8-update-one-good-one-bad": (
            {"date": "2012-01-01", "amount": "x"},
            [["amount", "is not a number"]],
        ),
    },
)
def test_bad_update_changes_nothing(http: Http, payment: str, sent: dict, errors: list) -> None:
    before = http.get(payment)
    assert http.put(payment, payment=sent, status=422) == errors
    assert http.get(payment) == before


@FORMATS
def test_s8_update_missing(http: Http, payments: str, suffix: str) -> None:
    assert http.raw("PUT", f"{payments}/999{suffix}", payment={"amount": 5}).status_code == 404


@FORMATS
def test_s8_delete_ok_and_again(http: Http, payments: str, payment: str, suffix: str) -> None:
    response = http.raw("DELETE", payment + suffix)
    assert (response.status_code, response.data, response.mimetype) == (200, b"", TYPES[suffix])
    assert http.get(payments) == []
    assert http.raw("DELETE", payment + suffix).status_code == 404


@by_row(
    "sent",
    {
        "s8-delete-with-json": {"payment": {"amount": 5}},
        "s8-delete-with-xml": {"xml": "<payment/>"},
        "s8-delete-with-malformed-body": {"body": "{", "content_type": "application/json"},
        "s8-delete-of-the-gem": {"content_type": "application/json"},
    },
)
def test_body_of_a_delete_is_ignored(http: Http, payments: str, payment: str, sent: dict) -> None:
    assert http.raw("DELETE", payment, **sent).status_code == 200
    assert http.get(payments) == []


def test_s8_balance_follows_every_action(http: Http, payments: str) -> None:
    """What is still due on the invoice over 200.00 now, the same on each of its payments, never below zero."""

    def balances() -> list[str]:
        return [row["payment"]["balance"] for row in http.get(payments)]

    def pay(amount: Any) -> str:
        made = http.post(payments, payment={"date": "2010-09-30", "amount": amount})["payment"]
        return f"{payments}/{made['id']}"

    first = pay(50)
    assert balances() == ["150.00"]
    second = pay("149.99")
    assert balances() == ["0.01", "0.01"]
    http.put(second, payment={"amount": 500})
    assert balances() == ["0.00", "0.00"]
    http.delete(second)
    assert balances() == ["150.00"]
    http.put(first, payment={"amount": -10})
    assert balances() == ["210.00"]
