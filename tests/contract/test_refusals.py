"""The order of refusals, and what each says: 403 for another site's page, 413, 429, 401, 403, 404 path, 405, 406,
404 record, 400, 422."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from databases import Database
from factories import token_of
from inprocess import Http, basic
from tables import by_row

MALFORMED = {"body": "{", "content_type": "application/json"}
LARGE = {"body": b"x" * (4 * 1024 * 1024 + 1), "content_type": "application/json"}
NOBODY = {"auth": None}
INVALID = {"payment": {"amount": "abc"}}
NONE = {"headers": {"Accept": "text/html"}}
ELSEWHERE = {"headers": {"Origin": "https://elsewhere.test"}}

# Each request breaks several rules; the first of the order decides.
ORDER = {
    "another-site-before-413": ("POST", "/invoices/1/payments", LARGE | ELSEWHERE, 403),
    "another-site-before-401": ("POST", "/invoices/1/payments", NOBODY | ELSEWHERE, 403),
    "another-site-before-404-path": ("POST", "/nonsense", ELSEWHERE, 403),
    "another-site-before-400": ("POST", "/invoices/1/payments", MALFORMED | ELSEWHERE, 403),
    "413-before-401": ("POST", "/invoices/1/payments", LARGE | NOBODY, 413),
    "413-before-403": ("POST", "/admin/invoices/1/invoice_payments", LARGE, 413),
    "413-before-404-path": ("POST", "/nonsense", LARGE, 413),
    "413-before-405": ("PUT", "/invoices/1/payments", LARGE, 413),
    "413-before-406": ("POST", "/invoices/1/payments.yaml", LARGE, 413),
    "413-before-404-record": ("POST", "/invoices/999/payments", LARGE, 413),
    "401-before-403": ("GET", "/admin/invoices/1/invoice_payments", NOBODY, 401),
    "401-before-404-path": ("GET", "/nonsense", NOBODY, 401),
    "401-before-405": ("PUT", "/invoices/1/payments", NOBODY, 401),
    "401-before-405-options": ("OPTIONS", "/invoices/1/payments", NOBODY, 401),
    "401-before-405-unknown-method": ("BREW", "/invoices/1/payments", NOBODY, 401),
    "401-before-406": ("GET", "/invoices/1/payments.yaml", NOBODY, 401),
    "401-before-404-record": ("GET", "/invoices/999/payments", NOBODY, 401),
    "401-before-400": ("POST", "/invoices/1/payments", MALFORMED | NOBODY, 401),
    "401-before-422": ("POST", "/invoices/1/payments", INVALID | NOBODY, 401),
    "403-before-404-path": ("GET", "/admin/nonsense", {}, 403),
    "403-before-405": ("PUT", "/admin/invoices/1/invoice_payments", {}, 403),
    "403-before-406": ("GET", "/admin/invoices/1/invoice_payments.yaml", {}, 403),
    "403-before-404-record": ("GET", "/admin/invoices/999/invoice_payments", {}, 403),
    "403-before-400": ("POST", "/admin/invoices/1/invoice_payments", MALFORMED, 403),
    "404-path-before-406": ("GET", "/nonsense.yaml", {}, 404),
    "404-path-before-406-accept": ("GET", "/nonsense", NONE, 404),
    "404-path-before-400": ("POST", "/nonsense", MALFORMED, 404),
    "405-before-406": ("PUT", "/invoices/1/payments.yaml", {}, 405),
    "405-before-404-record": ("PUT", "/invoices/999/payments", {}, 405),
    "405-before-400": ("PUT", "/invoices/1/payments", MALFORMED, 405),
    "406-before-404-record": ("GET", "/invoices/999/payments.yaml", {}, 406),
    "406-before-400": ("POST", "/invoices/1/payments.yaml", MALFORMED, 406),
    "406-before-422": ("POST", "/invoices/1/payments", INVALID | NONE, 406),
    "404-record-before-400": ("POST", "/invoices/999/payments", MALFORMED, 404),
    "404-record-before-400-put": ("PUT", "/invoices/1/payments/999", MALFORMED, 404),
    "404-record-before-422": ("POST", "/invoices/999/payments", INVALID, 404),
}


def is_legal(response: Any) -> bool:
    """JSON, XML or nothing: whatever was refused, an old client must be able to read it."""
    return response.mimetype in ("application/json", "application/xml") or response.data.strip() == b""


@by_row("method, path, sent, status", ORDER)
def test_first_rule_broken_decides(http: Http, payment: str, method: str, path: str, sent: dict, status: int) -> None:
    response = http.raw(method, path, **sent)
    assert response.status_code == status, response.data
    assert is_legal(response), response.data
    assert [row["payment"]["amount"] for row in http.get("/invoices/1/payments")] == ["50.00"]


BODIES = {
    401: ("GET", "/invoices", NOBODY),
    403: ("GET", "/admin/invoices", {}),
    404: ("GET", "/invoices/999", {}),
    413: ("POST", "/invoices", LARGE),
    405: ("DELETE", "/invoices", {}),
}


@pytest.mark.parametrize("status", BODIES)
@pytest.mark.parametrize("suffix", [".json", ".xml"])
def test_body_says_status_and_reason_in_the_format(http: Http, status: int, suffix: str) -> None:
    method, path, sent = BODIES[status]
    response = http.raw(method, path + suffix, **sent)
    assert response.status_code == status
    assert_body(response, suffix, HTTPStatus(status).phrase if status != 413 else None)


def assert_body(response: Any, suffix: str, phrase: str | None) -> None:
    status = response.status_code
    phrase = phrase or response.status.partition(" ")[2].title()
    if status in (405, 406) and not response.data:
        return
    if suffix == ".json":
        assert json.loads(response.data) == {"status": status, "error": phrase}
        return
    expected = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<hash>\n'
        f'  <status type="integer">{status}</status>\n  <error>{phrase}</error>\n</hash>\n'
    )
    assert response.get_data(as_text=True) == expected


def test_unknown_record_and_unknown_path_read_the_same(http: Http) -> None:
    assert http.raw("GET", "/invoices/999.json").data == http.raw("GET", "/nonsense.json").data


@pytest.mark.parametrize("suffix", [".json", ".xml"])
def test_guessing_passwords_ends_in_429_before_401(http: Http, suffix: str) -> None:
    """Also for the right password, and for tokens; the user who is known already goes on."""
    assert http.raw("GET", "/invoices").status_code == 200
    guesses = [{"query": {"api_token": f"guess {n}"}, "auth": None} for n in range(100)]
    answers = (http.raw("GET", f"/invoices{suffix}", **guess) for guess in guesses)
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert int(refused.headers["Retry-After"]) > 0
    assert_body(refused, suffix, "Too Many Requests")
    again = http.raw("POST", "/nonsense.yaml", auth=("demo", "wrong"))
    assert again.status_code == 429
    assert http.raw("GET", "/invoices").status_code == 200
    assert http.raw("GET", "/invoices", query={"api_token": token_of("demo")}, auth=None).status_code == 200


CRASH = {
    "sqlite": ("UPDATE payments SET amount_cents = 'garbage'", None),
    "postgres": (
        "ALTER TABLE payments ALTER COLUMN amount_cents TYPE text",
        "ALTER TABLE payments ALTER COLUMN amount_cents TYPE bigint USING amount_cents::bigint",
    ),
}


@pytest.mark.parametrize("suffix", [".json", ".xml"])
def test_s3_crash_is_500_in_the_format(
    http: Http, database: Database, backend: str, payments: str, payment: str, suffix: str
) -> None:
    """A table that no code expects. The body may name the request besides."""
    breaks, mends = CRASH[backend]
    with database.engine.begin() as connection:
        connection.exec_driver_sql(breaks)
    try:
        response = http.raw("GET", payments + suffix)
    finally:
        if mends:
            with database.engine.begin() as connection:
                connection.exec_driver_sql(mends)
    assert response.status_code == 500
    text = response.get_data(as_text=True)
    if suffix == ".json":
        assert response.json | {"status": 500, "error": "Internal Server Error"} == response.json
    else:
        assert '<status type="integer">500</status>\n  <error>Internal Server Error</error>' in text
    assert "Traceback" not in text
    assert "garbage" not in text


@by_row(
    "path, host, location",
    {
        "underscore": ("", "my_shop.curdbee.test", "http://my_shop.curdbee.test"),
        "port": ("", "shop.test:8080", "http://shop.test:8080"),
        "address": ("", "10.0.0.7", "http://10.0.0.7"),
        "ipv6": ("", "[::1]:8000", "http://[::1]:8000"),
        "single-label": ("", "shop", "http://shop"),
        "upper-case": ("", "SHOP.test", "http://SHOP.test"),
        "no-label": ("", "a..b", "http://a..b"),
        "long-label": ("", "a" * 70, f"http://{'a' * 70}"),
    },
)
def test_location_is_made_from_any_usable_host(http: Http, payments: str, path: str, host: str, location: str) -> None:
    sent = {"date": "2010-09-30", "amount": 1}
    response = http.raw("POST", payments + path, payment=sent, headers={"Host": host})
    assert response.status_code == 201
    assert response.headers["Location"] == f"{location}/payments/1"


@pytest.mark.parametrize("path", ["/invoices", "/clients"])
@by_row(
    "number",
    {
        "20-digits": "12345678901234567890",
        "2^63": str(2**63),
        "2^63-1": str(2**63 - 1),
        "2^31": str(2**31),
        "zero": "0",
        "negative": "-1",
        "letters": "abc",
        "digits-and-letters": "1abc",
        "arabic-indic": "%D9%A1",
        "nul": "%00",
        "blank": "%20",
        "not-utf-8": "%FF",
        "double-zero": "00",
    },
)
def test_odd_ids_are_404_for_every_method(http: Http, path: str, number: str) -> None:
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE"):
        response = http.raw(method, f"{path}/{number}.json", json={})
        assert response.status_code == 404, (method, response.data)
        assert is_legal(response)
        nested = http.raw(method, f"{path}/{number}/payments/1.json", json={})
        assert nested.status_code == 404, (method, nested.data)


def test_id_with_leading_zeros_is_the_record(http: Http, client_id: int) -> None:
    assert http.get(f"/clients/0{client_id}") == http.get(f"/clients/{client_id}")


@by_row(
    "sent",
    {
        "basic-of-nobody": {"headers": {"Authorization": basic("", "")}},
        "unknown-method": {"method": "BREW"},
        "html-wanted": {"headers": {"Accept": "text/html"}},
        "unknown-path": {"path": "/a/b/c"},
        "dots-in-path": {"path": "/../../etc/passwd"},
        "not-utf-8-path": {"path": "/%FF%FE"},
        "nul-path": {"path": "/invoices%00"},
        "long-path": {"path": "/" + "a" * 10_000},
        "not-utf-8-query": {"path": "/invoices?page=%FF&client=%00"},
        "format-odd": {"path": "/invoices?format=%00"},
    },
)
def test_nothing_is_ever_answered_in_html(http: Http, sent: dict) -> None:
    sent = dict(sent)
    response = http.raw(sent.pop("method", "GET"), sent.pop("path", "/invoices"), **sent)
    assert response.status_code < 500
    assert is_legal(response), response.data
