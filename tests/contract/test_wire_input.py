"""JSON bodies, whole and broken: wire semantics, section 5. Each row's id begins with s5."""

import json
from typing import Any

import pytest
from databases import Database
from factories import at, make_payment
from inprocess import Http
from tables import by_row

JSON = "application/json"
BLANK = [["date", "can't be blank"], ["amount", "can't be blank"]]

# Each of these is a payment of 5.00 on 30 September 2010.
ACCEPTED = {
    "s5-valid": '{"payment":{"date":"2010-09-30","amount":"5.00"}}',
    "s5-no-root": '{"date":"2010-09-30","amount":"5.00"}',
    "s5-no-root-dates-of-the-era": '{"date":"2010/09/30","amount":5.0,"payment_method":null}',
    "s5-unknown-attribute": '{"payment":{"date":"2010-09-30","amount":5,"colour":"red","a":{"b":[1]}}}',
    "s5-unknown-beside-root": '{"payment":{"date":"2010-09-30","amount":5},"commit":"Save"}',
    "s5-read-only-attributes": (
        '{"payment":{"id":77,"invoice_id":9,"user_id":9,"created_at":"2001-01-01T00:00:00Z",'
        '"updated_at":"junk","balance":"9.99","date":"2010-09-30","amount":5}}'
    ),
    "s5-duplicate-key": '{"payment":{"date":"2010-09-30","amount":"9","amount":"5"}}',
    "s5-duplicate-root": '{"payment":{"amount":"9"},"payment":{"date":"2010-09-30","amount":"5"}}',
    "s5-trailing-comma": '{"payment":{"date":"2010-09-30","amount":"5.00",}}',
    "s5-trailing-comma-outside": '{"payment":{"date":"2010-09-30","amount":"5.00" , \n} , }',
    "s5-trailing-comma-in-array": '{"payment":{"date":"2010-09-30","amount":"5.00","a":[1,2,],},}',
    "s5-bom": '\ufeff{"payment":{"date":"2010-09-30","amount":"5.00"}}',
    "s5-blanks-around": ' \r\n{"payment":{"date":"2010-09-30","amount":"5.00"}}\n\n',
}

EMPTY = {
    "s5-empty-root": '{"payment":{}}',
    "s5-null-root": '{"payment":null}',
    "s5-empty-array-root": '{"payment":[]}',
    "s5-body-empty": "",
    "s5-body-blank": " \r\n ",
    "s5-body-empty-object": "{}",
    "s5-body-array": "[]",
    "s5-body-array-of-payments": '[{"payment":{"date":"2010-09-30","amount":5}}]',
    "s5-body-number": "5",
    "s5-body-string": '"payment"',
    "s5-body-null": "null",
    "s5-body-true": "true",
    "s5-wrong-root": '{"invoice":{"date":"2010-09-30","amount":5}}',
    "s5-unknown-attributes-alone": '{"payment":{"colour":"red"}}',
    "s5-read-only-attributes-alone": '{"payment":{"id":77,"balance":"9.99"}}',
}

WRONG_ROOT = {
    "s5-string-as-root": '{"payment":"x"}',
    "s5-array-as-root": '{"payment":[1]}',
    "s5-array-of-objects-as-root": '{"payment":[{"date":"2010-09-30","amount":5}]}',
    "s5-number-as-root": '{"payment":5}',
    "s5-true-as-root": '{"payment":true}',
}

MALFORMED = {
    "s5-malformed": b'{"payment":{"date":"2010-09-30","amount":5}',
    "s5-malformed-text": b"hello",
    "s5-malformed-comma-twice": b'{"payment":{"date":"2010-09-30","amount":5,,}}',
    "s5-malformed-comment": b'{"payment":{"date":"2010-09-30","amount":5}} // a',
    "s5-malformed-second-value": b'{"payment":{"date":"2010-09-30","amount":5}}{}',
    "s5-malformed-line-break-in-string": b'{"payment":{"date":"2010-09-30\n","amount":5}}',
    "s5-invalid-utf-8": b'{"payment":{"date":"2010-09-30","amount":5,"payment_method":"caf\xe9"}}',
    "s5-deep-nesting": b'{"payment":{"amount":' + b"[" * 2000 + b"]" * 2000 + b"}}",
    "s5-deep-nesting-of-objects": b'{"a":' * 2000 + b"1" + b"}" * 2000,
    "s5-deep-nesting-unclosed": b"[" * 1_000_000,
    "s5-deep-nesting-with-comma": b"[" * 100_000 + b"," + b"]" * 100_000,
}


def send(http: Http, method: str, path: str, body: bytes | str) -> Any:
    encoded = body.encode("utf-8") if isinstance(body, str) else body
    return http.raw(method, path, body=encoded, content_type=JSON)


@by_row("body", ACCEPTED)
def test_create_takes(http: Http, payments: str, body: str) -> None:
    response = send(http, "POST", payments, body)
    assert response.status_code == 201, response.data
    (row,) = http.get(payments)
    assert response.json == row
    made = row["payment"]
    assert (made["date"], made["amount"], made["balance"]) == ("2010-09-30", "5.00", "195.00")
    assert response.headers["Location"].endswith(f"/payments/{made['id']}")
    assert (made["id"] == 77, made["created_at"][:4] == "2001") == (False, False)


@by_row("body", EMPTY)
def test_create_of_nothing_says_what_is_blank(http: Http, payments: str, body: str) -> None:
    response = send(http, "POST", payments, body)
    assert (response.status_code, response.json) == (422, BLANK)
    assert http.get(payments) == []


@by_row("body", EMPTY)
def test_update_of_nothing_is_200_and_changes_nothing(http: Http, payment: str, body: str) -> None:
    before = http.get(payment)
    response = send(http, "PUT", payment, body)
    assert (response.status_code, response.json) == (200, before)
    assert http.get(payment) == before


@by_row("body", WRONG_ROOT)
def test_a_root_that_holds_no_attributes_is_422(http: Http, payments: str, payment: str, body: str) -> None:
    before = http.get(payments)
    for method, path in (("POST", payments), ("PUT", payment)):
        response = send(http, method, path, body)
        assert response.status_code == 422, (method, response.data)
        assert response.json
        assert all(len(pair) == 2 for pair in response.json)
    assert http.get(payments) == before


@by_row("body", MALFORMED)
def test_a_malformed_body_is_400(http: Http, payments: str, payment: str, body: bytes) -> None:
    before = http.get(payments)
    for method, path in (("POST", payments), ("PUT", payment)):
        response = send(http, method, path, body)
        assert response.status_code == 400, (method, response.data)
        ((attribute, message),) = response.json
        assert (attribute, bool(message.strip())) == ("base", True)
    assert http.get(payments) == before


@by_row(
    "body, statuses",
    {
        "s5-nan": ('{"payment":{"date":"2010-09-30","amount":NaN}}', (400, 422)),
        "s5-infinity": ('{"payment":{"date":"2010-09-30","amount":Infinity}}', (400, 422)),
        "s5-minus-infinity": ('{"payment":{"date":"2010-09-30","amount":-Infinity}}', (400, 422)),
        "s5-nul-in-text": (
            '{"payment":{"date":"2010-09-30","amount":5,"payment_method":"a\\u0000b"}}',
            (422,),
        ),
        "s5-nul-in-amount": ('{"payment":{"date":"2010-09-30","amount":"5\\u0000"}}', (422,)),
        "s5-nul-in-date": ('{"payment":{"date":"2010-09-30\\u0000","amount":"5"}}', (422,)),
    },
)
def test_never_stored(http: Http, payments: str, body: str, statuses: tuple) -> None:
    response = send(http, "POST", payments, body)
    assert response.status_code in statuses, response.data
    assert all(len(pair) == 2 for pair in response.json)
    assert http.get(payments) == []


@by_row(
    "body",
    {
        "s5-single-quotes": "{'payment':{'date':'2010-09-30','amount':5}}",
        "s5-bare-keys": '{payment: {date: "2010-09-30", amount: 5}}',
    },
)
def test_what_only_the_oldest_decoder_took_is_taken_or_400(http: Http, payments: str, body: str) -> None:
    response = send(http, "POST", payments, body)
    assert (response.status_code, len(http.get(payments))) in ((201, 1), (400, 0))


def test_s5_trailing_comma_inside_a_string_stays(http: Http, payments: str) -> None:
    body = '{"payment":{"date":"2010-09-30","amount":5,"payment_method":"a,} ,] \\",}",}}'
    assert send(http, "POST", payments, body).status_code == 201
    assert http.get(payments)[0]["payment"]["payment_method"] == 'a,} ,] ",}'


def test_s5_read_only_attributes_stay_as_they_are_on_update(http: Http, payment: str) -> None:
    """The gem sends the whole record back, whatever it is."""
    before = http.get(payment)["payment"]
    echo = before | {"id": 999, "invoice_id": 999, "balance": "7.77", "created_at": "x", "amount": "60.00"}
    after = http.put(payment, payment=echo)["payment"]
    changing = ("amount", "balance", "updated_at")
    assert {key: after[key] for key in after if key not in changing} == {
        key: before[key] for key in before if key not in changing
    }
    assert (after["amount"], after["balance"]) == ("60.00", "140.00")


@by_row(
    "sent",
    {
        "s5-no-real-change": {"amount": "50.00", "date": "2010-09-30", "payment_method": "cash"},
        "s5-no-real-change-otherwise-written": {"amount": 50, "date": "2010/9/30"},
        "s5-no-real-change-empty": {},
    },
)
def test_no_real_change_leaves_updated_at(http: Http, database: Database, payments: str, sent: dict) -> None:
    when = at("2010-08-24T01:47:50Z")
    invoice_id = int(payments.split("/")[2])
    row = {"amount_cents": 5000, "payment_method": "cash", "created_at": when, "updated_at": when}
    path = f"{payments}/{make_payment(database, invoice_id, **row)}"
    assert http.put(path, payment=sent)["payment"]["updated_at"] == "2010-08-24T01:47:50Z"
    assert http.put(path, payment={"amount": 51})["payment"]["updated_at"] > "2020"


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_s5_if_match_is_ignored_on_writes(http: Http, payment: str, header: str) -> None:
    response = http.raw("PUT", payment, payment={"amount": 70}, headers={header: '"other"'})
    assert (response.status_code, json.loads(response.data)["payment"]["amount"]) == (200, "70.00")
