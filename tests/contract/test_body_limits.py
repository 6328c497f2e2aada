"""The limits of a body over HTTP: at them it is taken, past them refused in the client's format, and nothing stored."""

import time

import pytest
from flask import Flask
from inprocess import Http
from tables import by_row

from curdbee_compat.limits import Limits

JSON, XML, FORM = "application/json", "application/xml", "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=cut"
SMALL = Limits(depth=4, fields=8, digits=10)
BYTES = 2000


@pytest.fixture(autouse=True)
def small(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that fit on a line."""
    for name, value in (("BODY_LIMITS", SMALL), ("MAX_FORM_PARTS", SMALL.fields), ("MAX_CONTENT_LENGTH", BYTES)):
        monkeypatch.setitem(app.config, name, value)


def form(name: str, more: int = 0) -> bytes:
    """A client's name and other fields."""
    return f"client[name]={name}".encode() + b"&x=" * more


def multipart(more: int) -> bytes:
    """The same in parts."""
    parts = ["client[name]", *(f"x{number}" for number in range(more))]
    head = '--cut\r\nContent-Disposition: form-data; name="{}"\r\n\r\nAnn\r\n'
    return "".join([*map(head.format, parts), "--cut--\r\n"]).encode()


@by_row(
    "content_type, at, past",
    {
        "json depth": (JSON, b'{"client":{"name":"Ann","x":[[1]]}}', b'{"client":{"name":"Ann","x":[[[]]]}}'),
        "json fields": (
            JSON,
            b'{"client":{"name":"Ann","x":[1,2,3,4,5]}}',
            b'{"client":{"name":"Ann","x":[1,2,3,4,5,6]}}',
        ),
        "json digits": (JSON, b'{"client":{"name":1234567890}}', b'{"client":{"name":12345678901}}'),
        "xml depth": (
            XML,
            b"<client><name>Ann</name><x><y><z/></y></x></client>",
            b"<client><name>Ann</name><x><y><z><a/></z></y></x></client>",
        ),
        "xml fields": (
            XML,
            b"<client><name>Ann</name>" + b"<x/>" * 6 + b"</client>",
            b"<client><name>Ann</name>" + b"<x/>" * 7 + b"</client>",
        ),
        "xml digits": (
            XML,
            b'<client><name type="integer">1234567890</name></client>',
            b'<client><name type="integer">12345678901</name></client>',
        ),
        "form depth": (FORM, b"client[name]=Ann&x[a][b][c]=1", b"client[name]=Ann&x[a][b][c][d]=1"),
        "form fields": (FORM, form("Ann", 7), form("Ann", 8)),
        "parts": (MULTIPART, multipart(7), multipart(8)),
    },
)
@by_row("suffix, told", {"json": (".json", b'[["base","Malformed '), "xml": (".xml", b"<error>Malformed ")})
def test_past_a_limit_is_400_and_stores_nothing(
    http: Http, content_type: str, at: bytes, past: bytes, suffix: str, told: bytes
) -> None:
    refused = http.raw("POST", f"/clients{suffix}", body=past, content_type=content_type)
    assert (refused.status_code, told in refused.data) == (400, True), refused.data
    assert http.get("/clients") == []
    http.post(f"/clients{suffix}", body=at, content_type=content_type)
    assert len(http.get("/clients")) == 1


@by_row(
    "content_type, template",
    {
        "json": (JSON, b'{"client":{"name":"Ann"}%s}'),
        "xml": (XML, b"<client><name>Ann</name>%s</client>"),
        "form": (FORM, b"client[name]=Ann&x=%s"),
    },
)
def test_past_the_bytes_is_413_and_stores_nothing(http: Http, content_type: str, template: bytes) -> None:
    at = template.replace(b"%s", b" " * (BYTES - len(template) + 2))
    for suffix, told in ((".json", b'"status":413'), (".xml", b">413<")):
        refused = http.raw("POST", f"/clients{suffix}", body=at + b" ", content_type=content_type)
        assert (refused.status_code, told in refused.data) == (413, True)
    assert http.get("/clients") == []
    http.post("/clients", body=at, content_type=content_type)


@pytest.mark.parametrize("suffix", [".json", ".xml"])
def test_the_admin_api_refuses_alike(admin: Http, suffix: str) -> None:
    body = b'{"payment_method":{"name":"barter","x":[[[1]]]}}'
    refused = admin.raw("POST", f"/admin/payment_methods{suffix}", body=body, content_type=JSON)
    assert (refused.status_code, refused.mimetype) == (400, f"application/{suffix[1:]}")


AMOUNTS = ["1e999999999", "-1e999999999", "1e-999999999", "9" * 5000, "0." + "0" * 5000 + "1", "1e99999999999999999999"]


@pytest.mark.parametrize("amount", AMOUNTS)
def test_numbers_of_any_size_sent_as_text_are_answered_at_once(
    http: Http, payments: str, app: Flask, monkeypatch: pytest.MonkeyPatch, amount: str
) -> None:
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 10_000)
    started = time.process_time()
    for sent in (
        {"xml": f"<payment><date>2010-09-30</date><amount>{amount}</amount></payment>"},
        {"json": {"payment": {"date": "2010-09-30", "amount": amount}}},
        {"form": {"payment[date]": "2010-09-30", "payment[amount]": amount}},
    ):
        answer = http.raw("POST", payments, **sent)
        tiny = "e-" in amount or amount.startswith("0.")
        assert answer.status_code == (201 if tiny else 422), answer.data
    assert time.process_time() - started < 1
