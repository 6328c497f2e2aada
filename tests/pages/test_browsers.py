"""What every page tells a browser: no scripts, no frames, no guessing, no telling; and over TLS, no way back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import Database
from flask import Flask
from inprocess import Http
from permalinks import made, permalink
from werkzeug.test import TestResponse

from curdbee_compat import create_app
from curdbee_compat.extensions import db

POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
TLS = {"X-Forwarded-Proto": "https"}


@pytest.fixture
def paths(http: Http) -> list[str]:
    """Every kind of page, and of document beside one."""
    invoice, estimate = (permalink(http, made(http, kind)) for kind in ("invoice", "estimate"))
    found = [path + suffix for path in (invoice, estimate) for suffix in ("", ".pdf")]
    return ["/", "/docs", *found, "/inv/nothing", "/est/nothing.pdf"]


@pytest.fixture
def behind_proxy(database: Database, instance: Path) -> Iterator[Http]:
    """Requests to the same app behind a proxy that it trusts, without a login."""
    settings = {"CURDBEE_DATABASE_URL": database.url, "CURDBEE_INSTANCE": str(instance)}
    app = create_app({**settings, "CURDBEE_TRUSTED_PROXIES": "1"})
    yield Http(app, None)
    with app.app_context():
        db.engine.dispose()


def policy(response: TestResponse) -> dict[str, str]:
    """A Content-Security-Policy by directive."""
    parts = response.headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def test_every_page_is_strict(http: Http, paths: list[str]) -> None:
    for path in paths:
        response = http.raw("GET", path, auth=None)
        html = response.mimetype == "text/html"
        assert html or (response.status_code, response.mimetype) == (200, "application/pdf"), path
        assert policy(response) == (POLICY if html else {"frame-ancestors": "'none'"}), path
        assert response.headers["X-Content-Type-Options"] == "nosniff", path
        assert response.headers["Referrer-Policy"] == "no-referrer", path
        assert "Strict-Transport-Security" not in response.headers, path
        assert not (html and re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", response.text)), path


def test_no_page_is_missing_here(app: Flask, http: Http, paths: list[str]) -> None:
    """Whatever else is open to all is no page."""
    pages = {"pages.front", "pages.statement", "pages.statement_pdf", "docs.docs"}
    views = {rule.endpoint: rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(("pages.", "docs."))}
    others = views.keys() - pages
    assert others == {"pages.robots", "pages.healthz", "pages.readyz", "docs.openapi"}
    assert {http.raw("GET", views[name].rule, auth=None).mimetype for name in others} == {
        "text/plain",
        "application/json",
    }


def test_over_tls_pages_ask_to_be_reached_by_nothing_else(behind_proxy: Http, paths: list[str]) -> None:
    for path in paths:
        assert behind_proxy.raw("GET", path, headers=TLS).headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "Strict-Transport-Security" not in behind_proxy.raw("GET", path).headers


def test_nobody_but_a_trusted_proxy_says_that_it_is_tls(http: Http) -> None:
    assert "Strict-Transport-Security" not in http.raw("GET", "/", headers=TLS, auth=None).headers


def test_mistakes_on_open_paths_are_no_pages(http: Http) -> None:
    for method, path in (("GET", "/static/nothing"), ("POST", "/docs"), ("DELETE", "/inv/key")):
        assert http.raw(method, path, auth=None).mimetype == "application/json"
