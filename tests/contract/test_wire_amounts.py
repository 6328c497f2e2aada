"""What an amount may be: the first table of wire semantics, section 7. Each row's id begins with s7-amount."""

import json
import time
from typing import Any

from inprocess import Http
from tables import by_row

BLANK = "can't be blank"
NO_NUMBER = "is not a number"
FORM = "application/x-www-form-urlencoded"

# What stands in the JSON body after "amount":, and what comes back.
ACCEPTED = {
    "s7-amount-text": ('"100.00"', "100.00"),
    "s7-amount-number": ("100.00", "100.00"),
    "s7-amount-integer": ("100", "100.00"),
    "s7-amount-text-integer": ('"100"', "100.00"),
    "s7-amount-one-decimal": ('"5.5"', "5.50"),
    "s7-amount-blanks-around": ('" 5.00 "', "5.00"),
    "s7-amount-line-break-after": ('"5\\n"', "5.00"),
    "s7-amount-plus": ('"+5"', "5.00"),
    "s7-amount-leading-point": ('".5"', "0.50"),
    "s7-amount-exponent": ('"1e3"', "1000.00"),
    "s7-amount-exponent-number": ("1e3", "1000.00"),
    "s7-amount-12.345-text": ('"12.345"', "12.35"),
    "s7-amount-12.345-number": ("12.345", "12.35"),
    "s7-amount-12.355": ('"12.355"', "12.36"),
    "s7-amount-1.005-text": ('"1.005"', "1.01"),
    "s7-amount-1.005-number": ("1.005", "1.01"),
    "s7-amount-minus-12.345": ('"-12.345"', "-12.35"),
    "s7-amount-minus-12.345-number": ("-12.345", "-12.35"),
    "s7-amount-many-decimals": ('"0.00499999999999999999999999999999999"', "0.00"),
    "s7-amount-half-a-cent": ("0.005", "0.01"),
    "s7-amount-negative": ('"-5.00"', "-5.00"),
    "s7-amount-zero": ("0", "0.00"),
    "s7-amount-minus-zero": ('"-0.00"', "0.00"),
    "s7-amount-1e-400": ('"1e-400"', "0.00"),
    "s7-amount-largest": ('"99999999.99"', "99999999.99"),
    "s7-amount-largest-rounded-down": ('"99999999.994"', "99999999.99"),
    "s7-amount-smallest": ('"-99999999.99"', "-99999999.99"),
}

REFUSED = {
    "s7-amount-null": ("null", BLANK),
    "s7-amount-empty": ('""', BLANK),
    "s7-amount-blanks": ('"  "', BLANK),
    "s7-amount-abc": ('"abc"', NO_NUMBER),
    "s7-amount-dollar": ('"$5.00"', NO_NUMBER),
    "s7-amount-thousands": ('"1,000.00"', NO_NUMBER),
    "s7-amount-5abc": ('"5abc"', NO_NUMBER),
    "s7-amount-trailing-point": ('"5."', NO_NUMBER),
    "s7-amount-hex": ('"0x1F"', NO_NUMBER),
    "s7-amount-nan": ('"NaN"', NO_NUMBER),
    "s7-amount-infinity": ('"Infinity"', NO_NUMBER),
    "s7-amount-arabic-digits": ('"\\u0665"', NO_NUMBER),
    "s7-amount-fullwidth-digits": ('"\\uff15"', NO_NUMBER),
    "s7-amount-two-lines": ('"5\\n6"', NO_NUMBER),
    "s7-amount-comma": ('"5,00"', NO_NUMBER),
    "s7-amount-sign-alone": ('"-"', NO_NUMBER),
    "s7-amount-exponent-alone": ('"e3"', NO_NUMBER),
    "s7-amount-true": ("true", NO_NUMBER),
    "s7-amount-false": ("false", None),
    "s7-amount-array": ("[5]", NO_NUMBER),
    "s7-amount-object": ('{"a":5}', NO_NUMBER),
    "s7-amount-99999999.995": ('"99999999.995"', None),
    "s7-amount-too-large": ('"123456789012345.67"', None),
    "s7-amount-too-large-number": ("123456789012345.67", None),
    "s7-amount-too-large-negative": ('"-100000000"', None),
    "s7-amount-20-digits": ("12345678901234567890", None),
    "s7-amount-5000-digits": ("9" * 5000, None),
    "s7-amount-5000-digits-text": ('"' + "9" * 5000 + '"', None),
    "s7-amount-1e400": ('"1e400"', None),
    "s7-amount-1e400-number": ("1e400", None),
    "s7-amount-1e999999999": ('"1e999999999"', None),
    "s7-amount-1e999999999-number": ("1e999999999", None),
    "s7-amount-exponent-of-30-digits": ('"1e999999999999999999999999999999"', None),
}


def create(http: Http, payments: str, amount: str) -> Any:
    body = f'{{"payment":{{"date":"2010-09-30","amount":{amount}}}}}'
    return http.raw("POST", payments, body=body, content_type="application/json")


@by_row("amount, shown", ACCEPTED)
def test_taken(http: Http, payments: str, amount: str, shown: str) -> None:
    response = create(http, payments, amount)
    assert (response.status_code, response.json.get("payment", {}).get("amount")) == (201, shown), response.data
    assert http.get(payments) == [response.json]


@by_row("amount, message", REFUSED)
def test_refused(http: Http, payments: str, amount: str, message: str | None) -> None:
    """Without a message given, which one is our choice."""
    started = time.monotonic()
    response = create(http, payments, amount)
    assert response.status_code == 422, response.data
    ((attribute, said),) = response.json
    assert attribute == "amount"
    assert said == (message or said)
    assert http.get(payments) == []
    assert time.monotonic() - started < 1, "the number was built"


def test_s7_amount_missing(http: Http, payments: str) -> None:
    assert http.post(payments, payment={"date": "2010-09-30"}, status=422) == [["amount", BLANK]]


@by_row("amount", {"s7-amount-underscore": '"1_000"'})
def test_taken_as_1000_or_refused(http: Http, payments: str, amount: str) -> None:
    status = create(http, payments, amount).status_code
    stored = [row["payment"]["amount"] for row in http.get(payments)]
    assert (status, stored) in ((201, ["1000.00"]), (422, []))


TEXTS = {row: (json.loads(amount), shown) for row, (amount, shown) in ACCEPTED.items() if amount[0] == '"'}
BAD_TEXTS = {row: json.loads(amount) for row, (amount, _) in REFUSED.items() if amount[0] == '"' and "5000" not in row}


@by_row("text, shown", TEXTS)
def test_taken_in_xml_and_forms(http: Http, payments: str, text: str, shown: str) -> None:
    http.post(payments, xml=as_xml(text))
    http.post(payments, form=as_form(text))
    assert [row["payment"]["amount"] for row in http.get(payments)] == [shown, shown]


@by_row("text", BAD_TEXTS)
def test_refused_in_xml_and_forms(http: Http, payments: str, text: str) -> None:
    http.post(payments, xml=as_xml(text), status=422)
    http.post(payments, form=as_form(text), status=422)
    assert http.get(payments) == []


def as_xml(amount: str) -> bytes:
    return f"<payment><date>2010-09-30</date><amount>{amount}</amount></payment>".encode()


def as_form(amount: str) -> dict[str, str]:
    return {"payment[date]": "2010-09-30", "payment[amount]": amount}


def test_s7_amount_update_keeps_the_same_rules(http: Http, payment: str) -> None:
    assert http.put(payment, payment={"amount": "abc"}, status=422) == [["amount", NO_NUMBER]]
    assert http.put(payment, payment={"amount": ""}, status=422) == [["amount", BLANK]]
    assert http.put(payment, payment={"amount": None}, status=422) == [["amount", BLANK]]
    assert http.put(payment, payment={"amount": "1.005"})["payment"]["amount"] == "1.01"
