"""Requests that a page of another site makes a browser send: refused where they would change something."""

from pathlib import Path
from typing import Any

import pytest
from backends import ON_SQLITE
from databases import Database
from flask import Flask
from inprocess import Http, basic
from tables import by_row

from curdbee_compat import create_app
from curdbee_compat.cross_site import is_own
from curdbee_compat.extensions import db

# What browsers send along, and whether the request is one of theirs.
SENT = {
    "an old client": ({}, True),
    "a page of this server": ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, True),
    "the address bar": ({"Sec-Fetch-Site": "none"}, True),
    "an extension": ({"Sec-Fetch-Site": "none", "Origin": "chrome-extension://abc"}, True),
    "another site": ({"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.test"}, False),
    "a neighbouring subdomain": ({"Sec-Fetch-Site": "same-site", "Origin": "http://other.localhost"}, False),
    "a word nobody knows": ({"Sec-Fetch-Site": "other"}, False),
    "an empty word": ({"Sec-Fetch-Site": ""}, False),
    "another site that claims an origin": ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
    "an older browser, here": ({"Origin": "http://localhost"}, True),
    "an older browser, elsewhere": ({"Origin": "https://elsewhere.test"}, False),
    "a local file": ({"Origin": "null"}, False),
    "an empty origin": ({"Origin": ""}, False),
}
WRITES = {
    "json": {"json": {"client": {"name": "Ann"}}},
    "xml": {"xml": "<client><name>Ann</name></client>"},
    "form": {"form": {"client[name]": "Ann"}},
    "text, as a form of another site may": {"body": '{"client":{"name":"Ann"}}', "content_type": "text/plain"},
}


def names(http: Http) -> list[str]:
    """The clients that are there."""
    return [row["client"]["name"] for row in http.get("/clients")]


@by_row("headers, own", SENT)
@by_row("body", WRITES)
def test_a_change_is_taken_from_this_site_alone(
    http: Http, headers: dict[str, str], own: bool, body: dict[str, Any]
) -> None:
    response = http.raw("POST", "/clients", headers=headers, **body)
    assert response.status_code == (201 if own else 403)
    assert names(http) == (["Ann"] if own else [])


@by_row("headers, own", SENT)
def test_reads_are_unaffected(http: Http, headers: dict[str, str], own: bool) -> None:
    for method in ("GET", "HEAD"):
        assert http.raw(method, "/clients", headers=headers).status_code == 200


@by_row(
    "suffix, mimetype, body",
    {
        "json": (".json", "application/json", b'{"status":403,"error":"Forbidden"}'),
        "xml": (".xml", "application/xml", b"<error>Forbidden</error>"),
    },
)
def test_the_refusal_is_in_the_clients_format_and_asks_for_no_login(
    http: Http, suffix: str, mimetype: str, body: bytes
) -> None:
    for auth in (("demo", "demo"), None):
        response = http.raw("DELETE", f"/clients/1{suffix}", headers={"Sec-Fetch-Site": "cross-site"}, auth=auth)
        assert (response.status_code, response.mimetype) == (403, mimetype)
        assert body in response.data
        assert "WWW-Authenticate" not in response.headers


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_other_method_is_a_change(http: Http, method: str, client_id: int) -> None:
    changed = {"headers": {"Sec-Fetch-Site": "cross-site"}, "client": {"name": "Changed"}}
    assert http.raw(method, f"/clients/{client_id}", **changed).status_code == 403
    assert names(http) == ["Acme"]


def test_a_method_in_disguise_counts_as_what_it_stands_for(http: Http, client_id: int) -> None:
    path, site = f"/clients/{client_id}", {"Sec-Fetch-Site": "cross-site"}
    assert http.raw("POST", path, headers=site, form={"_method": "delete"}).status_code == 403
    assert http.raw("POST", path, headers=site | {"X-HTTP-Method-Override": "DELETE"}).status_code == 403
    assert http.raw("POST", path, headers=site, form={"_method": "get"}).status_code == 200
    assert names(http) == ["Acme"]


def test_guesses_made_by_a_page_elsewhere_are_not_counted(http: Http, database: Database) -> None:
    """Else it could lock a person out."""
    for _ in range(11):
        assert http.raw("POST", "/clients?api_token=wrong", auth=None, headers={"Origin": "null"}).status_code == 403
    assert http.raw("POST", "/clients?api_token=wrong", auth=None).status_code == 401


@by_row(
    "origin, host, own",
    {
        "same": ("http://shop.test", "shop.test", True),
        "another case": ("http://Shop.Test", "shop.TEST", True),
        "a port": ("http://shop.test:8000", "shop.test:8000", True),
        "another port": ("http://shop.test:8001", "shop.test:8000", False),
        "a port more": ("http://shop.test:8000", "shop.test", False),
        "the port of the scheme": ("https://shop.test", "shop.test:443", True),
        "tls ends at the proxy": ("https://shop.test", "shop.test", True),
        "ipv6": ("http://[::1]:8000", "[::1]:8000", True),
        "a longer name": ("http://shop.test.elsewhere.test", "shop.test", False),
        "a name before it": ("http://shop.test@elsewhere.test", "shop.test", False),
        "another scheme": ("ftp://shop.test", "shop.test", False),
        "no host": ("http://", "", False),
        "a host that is none": ("http://[::1", "[::1", False),
        "a port that is none": ("http://shop.test:x", "shop.test:x", False),
        "nobody's": ("null", "null", False),
    },
)
def test_an_origin_is_compared_with_the_host(origin: str, host: str, own: bool) -> None:
    assert is_own(origin, host) is own


@ON_SQLITE
@by_row("trusted, status", {"trusted": ("1", 201), "untrusted": ("0", 403)})
def test_a_trusted_proxy_names_the_host(
    app: Flask, user: int, database: Database, instance: Path, trusted: str, status: int
) -> None:
    settings = {"CURDBEE_DATABASE_URL": database.url, "CURDBEE_INSTANCE": str(instance)}
    made = create_app({**settings, "CURDBEE_TRUSTED_PROXIES": trusted})
    headers = {"Authorization": basic("demo", "demo"), "Origin": "https://shop.test", "X-Forwarded-Host": "shop.test"}
    response = made.test_client().post("/clients", headers=headers, json={"client": {"name": "Ann"}})
    assert response.status_code == status
    with made.app_context():
        db.engine.dispose()
