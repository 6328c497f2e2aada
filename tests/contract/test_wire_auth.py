"""Who is asking: wire semantics, section 4. Each row's id begins with s4."""

import base64

import pytest
from databases import Database
from factories import make_user, token_of
from inprocess import Http, basic
from tables import by_row

GOOD = {"date": "2010-09-30", "amount": "100.00"}
CHALLENGE = 'Basic realm="CurdBee"'
TOKEN = token_of("demo")


def encoded(pair: bytes) -> str:
    return "Basic " + base64.b64encode(pair).decode("ascii")


REFUSED = {
    "s4-none": ("", None),
    "s4-wrong-password": ("", basic("demo", "wrong")),
    "s4-unknown-name": ("", basic("nobody", "demo")),
    "s4-blank-name": ("", basic("", "demo")),
    "s4-blank-pair": ("", basic("", "")),
    "s4-malformed-base64": ("", "Basic !!!!"),
    "s4-no-base64": ("", "Basic"),
    "s4-no-colon": ("", encoded(b"demo")),
    "s4-not-utf-8": ("", encoded(b"demo:\xff\xfe")),
    "s4-nul-in-name": ("", encoded(b"de\x00mo:demo")),
    "s4-other-scheme-bearer": ("", "Bearer demo"),
    "s4-other-scheme-digest": ("", 'Digest username="demo"'),
    "s4-token-bad": ("?api_token=wrong", None),
    "s4-token-blank": ("?api_token=", None),
    "s4-token-not-ascii": ("?api_token=%C3%A9%00", None),
    "s4-bad-basic-beside-good-token": (f"?api_token={TOKEN}", basic("demo", "wrong")),
    "s4-malformed-basic-beside-good-token": (f"?api_token={TOKEN}", "Basic !!!!"),
}

ACCEPTED = {
    "s4-basic": ("", basic("demo", "demo")),
    "s4-basic-email": ("", basic("demo@example.test", "demo")),
    "s4-basic-name-in-any-case": ("", basic("DEMO", "demo")),
    "s4-scheme-lower-case": ("", basic("demo", "demo").replace("Basic", "basic")),
    "s4-scheme-upper-case": ("", basic("demo", "demo").replace("Basic", "BASIC")),
    "s4-token-good": (f"?api_token={TOKEN}", None),
    "s4-token-as-basic-name": ("", basic(TOKEN, "")),
    "s4-token-as-basic-name-any-password": ("", basic(TOKEN, "x")),
    "s4-good-basic-beside-bad-token": ("?api_token=wrong", basic("demo", "demo")),
}


@by_row("query, authorization", REFUSED)
def test_refused_with_401_and_a_challenge(http: Http, query: str, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    in_json = http.raw("GET", f"/invoices.json{query}", auth=None, headers=headers)
    in_xml = http.raw("GET", f"/invoices.xml{query}", auth=None, headers=headers)
    for response in (in_json, in_xml):
        assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, CHALLENGE)
    assert in_json.json == {"status": 401, "error": "Unauthorized"}
    assert b'<status type="integer">401</status>\n  <error>Unauthorized</error>' in in_xml.data


@by_row("query, authorization", ACCEPTED)
def test_accepted(http: Http, query: str, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    for suffix in ("", ".json", ".xml"):
        response = http.raw("GET", f"/invoices{suffix}{query}", auth=None, headers=headers)
        assert response.status_code == 200, response.data


def test_s4_head_without_credentials_has_the_challenge_and_no_body(http: Http) -> None:
    response = http.raw("HEAD", "/invoices.json", auth=None)
    assert (response.status_code, response.data) == (401, b"")
    assert response.headers["WWW-Authenticate"] == CHALLENGE


@by_row(
    "sent",
    {
        "s4-token-in-json": {"json": {"api_token": TOKEN, "payment": GOOD}},
        "s4-token-in-form": {"form": {"api_token": TOKEN, "payment[date]": "2010-09-30", "payment[amount]": "100"}},
    },
)
def test_token_as_a_key_of_the_body(http: Http, payments: str, sent: dict) -> None:
    response = http.raw("POST", payments, auth=None, **sent)
    assert response.status_code == 201, response.data
    assert len(http.get(payments)) == 1


@by_row(
    "sent",
    {
        "s4-bad-token-in-json": {"json": {"api_token": "wrong", "payment": GOOD}},
        "s4-token-in-json-not-text": {"json": {"api_token": [TOKEN], "payment": GOOD}},
        "s4-malformed-json": {"body": "{", "content_type": "application/json"},
        "s4-malformed-xml": {"body": "<payment>", "content_type": "application/xml"},
        "s4-malformed-utf-8": {"body": b"\xff", "content_type": "application/x-www-form-urlencoded"},
    },
)
def test_no_credentials_is_401_whatever_the_body(http: Http, payments: str, sent: dict) -> None:
    assert http.raw("POST", payments, auth=None, **sent).status_code == 401
    assert http.get(payments) == []


@by_row(
    "sent",
    {
        "s4-unknown-invoice-bad-payload": {"payment": {"amount": "abc"}},
        "s4-unknown-invoice-malformed": {"body": "{", "content_type": "application/json"},
    },
)
def test_lookup_comes_before_the_body(http: Http, sent: dict) -> None:
    assert http.raw("POST", "/invoices/999/payments", **sent).status_code == 404


def test_s4_disabled_user_is_401(http: Http, database: Database) -> None:
    make_user(database, "gone", disabled=True)
    assert http.raw("GET", "/invoices", auth=("gone", "gone")).status_code == 401
    assert http.raw("GET", f"/invoices?api_token={token_of('gone')}", auth=None).status_code == 401


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_s4_foreign_and_missing_are_the_same_404(http: Http, stranger: Http, payment: str, method: str) -> None:
    foreign = stranger.raw(method, payment, payment={"amount": 1})
    missing = http.raw(method, payment + "9999", payment={"amount": 1})
    assert (foreign.status_code, foreign.data) == (404, missing.data)
    assert http.get(payment)["payment"]["amount"] == "50.00"


def test_s4_payment_of_another_invoice_is_missing(http: Http, payment: str, client_id: int) -> None:
    other = http.post("/invoices", invoice={"client_id": client_id})["invoice"]["id"]
    number = payment.rpartition("/")[2]
    for method in ("GET", "PUT", "DELETE"):
        assert http.raw(method, f"/invoices/{other}/payments/{number}").status_code == 404
    assert http.get(payment)["payment"]["amount"] == "50.00"
