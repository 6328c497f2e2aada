"""Dates and the other fields of a payment: wire semantics, section 7. Each row's id begins with s7."""

import json
from typing import Any

import pytest
from inprocess import Http
from tables import by_row

BLANK = [["date", "can't be blank"]]

# As JSON; each is the 30th of September 2010.
DATES = {
    "s7-date-iso": '"2010-09-30"',
    "s7-date-slashes": '"2010/09/30"',
    "s7-date-slashes-short": '"2010/9/30"',
    "s7-date-compact": '"20100930"',
    "s7-date-day-month-name": '"30 Sep 2010"',
    "s7-date-full-month-name": '"30 September 2010"',
    "s7-date-day-first-dashes": '"30-09-2010"',
    "s7-date-month-name-first": '"Sep 30 2010"',
    "s7-date-month-name-comma": '"Sep 30, 2010"',
    "s7-date-blanks-around": '" 2010-09-30 "',
    "s7-date-utc-time": '"2010-09-30T23:59:59Z"',
    "s7-date-fraction": '"2010-09-30T23:59:59.999Z"',
    "s7-date-offset": '"2010-09-30T23:59:59-05:00"',
    "s7-date-offset-east": '"2010-09-30T00:30:00+09:00"',
    "s7-date-minutes": '"2010-09-30 00:00"',
    "s7-date-rails-time": '"2010-09-30 00:00:00 UTC"',
    "s7-date-month-first": '"09/30/2010"',
}

REFUSED = {
    "s7-date-impossible-day": '"2010-02-30"',
    "s7-date-impossible-month": '"2010-13-01"',
    "s7-date-impossible-leap-day": '"2011-02-29"',
    "s7-date-empty": '""',
    "s7-date-blanks": '"  "',
    "s7-date-null": "null",
    "s7-date-word": '"tomorrow"',
    "s7-date-month-only": '"2010-09"',
    "s7-date-weekday": '"Thu"',
    "s7-date-number": "20100930",
    "s7-date-epoch": "1285804800",
    "s7-date-float": "2010.5",
    "s7-date-huge-number": "9" * 400,
    "s7-date-true": "true",
    "s7-date-array": '["2010-09-30"]',
    "s7-date-object": '{"year":2010}',
    "s7-date-impossible-month-first": '"13/32/2010"',
    "s7-date-long-garbage": json.dumps("2010-09-30" * 10_000),
    "s7-date-arabic-digits": '"\\u0662\\u0660\\u0661\\u0660-09-30"',
}


def create(http: Http, payments: str, date: str) -> Any:
    body = f'{{"payment":{{"date":{date},"amount":5}}}}'
    return http.raw("POST", payments, body=body, content_type="application/json")


def as_xml(date: str) -> bytes:
    return f"<payment><date>{date}</date><amount>5</amount></payment>".encode()


def as_form(date: str) -> dict[str, str]:
    return {"payment[date]": date, "payment[amount]": "5"}


@by_row("date", DATES)
def test_date_is_taken(http: Http, payments: str, date: str) -> None:
    response = create(http, payments, date)
    assert response.status_code == 201, response.data
    assert response.json["payment"]["date"] == "2010-09-30"
    assert http.get(payments) == [response.json]


@by_row("date", DATES)
def test_date_is_taken_in_xml_and_forms(http: Http, payments: str, date: str) -> None:
    http.post(payments, xml=as_xml(json.loads(date)))
    http.post(payments, form=as_form(json.loads(date)))
    assert [row["payment"]["date"] for row in http.get(payments)] == ["2010-09-30", "2010-09-30"]


@by_row(
    "date, shown",
    {
        "s7-date-one-digit": ('"2010-9-3"', "2010-09-03"),
        "s7-date-month-before-day": ('"01/02/2010"', "2010-01-02"),
        "s7-date-leap-day": ('"2012-02-29"', "2012-02-29"),
    },
)
def test_date_is_read_as(http: Http, payments: str, date: str, shown: str) -> None:
    assert create(http, payments, date).status_code == 201
    assert http.get(payments)[0]["payment"]["date"] == shown


@by_row("date", REFUSED)
def test_date_is_refused(http: Http, payments: str, date: str) -> None:
    response = create(http, payments, date)
    assert (response.status_code, response.json) == (422, BLANK)
    assert http.get(payments) == []


@by_row("date", {row: date for row, date in REFUSED.items() if date[0] == '"'})
def test_date_is_refused_in_xml_and_forms(http: Http, payments: str, date: str) -> None:
    http.post(payments, xml=as_xml(json.loads(date)), status=422)
    http.post(payments, form=as_form(json.loads(date)), status=422)
    assert http.get(payments) == []


@by_row(
    "date, shown",
    {
        "s7-date-day-first-slashes": ('"30/09/2010"', "2010-09-30"),
        "s7-date-two-digit-year": ('"10-09-30"', "0010-09-30"),
        "s7-date-year-zero": ('"0000-01-01"', "0000-01-01"),
    },
)
def test_date_is_taken_as_written_or_refused(http: Http, payments: str, date: str, shown: str) -> None:
    status = create(http, payments, date).status_code
    stored = [row["payment"]["date"] for row in http.get(payments)]
    assert (status, stored) in ((422, []), (201, [shown]))


def test_s7_date_missing(http: Http, payments: str) -> None:
    assert http.post(payments, payment={"amount": 5}, status=422) == BLANK


def test_s7_errors_come_date_first(http: Http, payments: str) -> None:
    both = [["date", "can't be blank"], ["amount", "is not a number"]]
    assert http.post(payments, json={"payment": {"amount": "x", "date": "x"}}, status=422) == both


def post_method(http: Http, payments: str, method: Any) -> Any:
    return http.raw("POST", payments, payment={"date": "2010-09-30", "amount": 5, "payment_method": method})


@by_row(
    "sent, shown",
    {
        "s7-payment-method-number": (12, "12"),
        "s7-payment-method-keeps-its-case": ("pAyPaL", "pAyPaL"),
        "s7-payment-method-empty": ("", None),
        "s7-payment-method-blanks": ("   ", None),
        "s7-payment-method-null": (None, None),
        "s7-payment-method-255-characters": ("é" * 255, "é" * 255),
    },
)
def test_payment_method_comes_back_as(http: Http, payments: str, sent: Any, shown: str | None) -> None:
    response = post_method(http, payments, sent)
    assert response.status_code == 201, response.data
    assert http.get(payments)[0]["payment"]["payment_method"] == shown


@by_row("sent", {"s7-payment-method-object": {"a": 1}, "s7-payment-method-array": ["cash"]})
def test_payment_method_that_is_no_text_is_refused_or_ignored(http: Http, payments: str, sent: Any) -> None:
    status = post_method(http, payments, sent).status_code
    stored = [row["payment"]["payment_method"] for row in http.get(payments)]
    assert (status, stored) in ((422, []), (201, [None]))


def test_s7_300_characters_are_never_cut(http: Http, payments: str) -> None:
    response = post_method(http, payments, "a" * 300)
    stored = [row["payment"]["payment_method"] for row in http.get(payments)]
    assert (response.status_code, stored) in ((422, []), (201, ["a" * 300]))
    if response.status_code == 422:
        assert response.json == [["payment_method", "is too long (maximum is 255 characters)"]]


def test_s7_balance_in_the_body_is_ignored(http: Http, payments: str) -> None:
    sent = {"date": "2010-09-30", "amount": "50.00", "balance": "7.77"}
    assert http.post(payments, payment=sent)["payment"]["balance"] == "150.00"


@pytest.mark.parametrize("suffix", ["", ".json", ".xml"])
def test_s7_several_mistakes_in_xml_have_the_attributes_name_first(http: Http, payments: str, suffix: str) -> None:
    response = http.raw("POST", payments + suffix, xml="<payment><amount>abc</amount></payment>")
    assert response.status_code == 422
    if suffix == ".json":
        assert response.json == [["date", "can't be blank"], ["amount", "is not a number"]]
    else:
        text = "<errors>\n  <error>Date can't be blank</error>\n  <error>Amount is not a number</error>\n</errors>\n"
        assert response.get_data(as_text=True).endswith(text)
