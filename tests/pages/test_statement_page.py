"""The public page of an invoice or estimate: what it shows, to whom, and how little it tells anybody else."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from counting import statements
from databases import Database
from flask import Flask
from inprocess import Http
from permalinks import ADDRESS, line, made, page, permalink, seen
from tables import by_row

LINES = [
    line("Website redesign\nTwelve pages\nTwo rounds of changes", "1850.00"),
    line("Photography", "420.00", "1.5", "days"),
]
TERMS = {"discount": "10%", "tax": "8.25", "tax2": "2.5", "shipping": "15.00"}
TEXTS = {"summary": "Autumn 2010", "notes": "Thank you.\nPay soon.", "due_date": "2010-10-01"}


@pytest.fixture(params=["invoice", "estimate"])
def kind(request: pytest.FixtureRequest) -> str:
    """What has the page."""
    return request.param


def test_an_invoice_shows_all_a_customer_needs(http: Http) -> None:
    sent = {"invoice_no": "INV-007", "line_items_attributes": LINES, **TERMS, **TEXTS}
    invoice = made(http, "invoice", ADDRESS, **sent)
    http.post(
        f"/invoices/{invoice['id']}/payments",
        payment={"date": "2010-09-02", "amount": "1000", "payment_method": "cash"},
    )
    assert seen(http, permalink(http, invoice)) == (
        "Invoice INV-007 Partly paid Autumn 2010 Amount due $1,486.94 Due 1 October 2010 Download PDF"
        " From demo demo@example.test"
        " To Northwind Ltd 14 Quayside Lane Unit 3 Bristol, Avon BS1 4QX United Kingdom"
        " Date 1 September 2010 Due date 1 October 2010 Currency USD"
        " Description Quantity Unit Price Amount"
        " Website redesign Twelve pages Two rounds of changes 1 1,850.00 1,850.00"
        " Photography 1.5 days 420.00 630.00"
        " Sub-total $2,480.00 Discount (10%) \N{MINUS SIGN}$248.00 Tax (8.25%) $184.14 Tax 2 (2.5%) $55.80"
        " Shipping $15.00 Total $2,486.94 Paid $1,000.00 Amount due $1,486.94 Notes Thank you. Pay soon."
    )


def test_an_estimate_has_a_total_and_nothing_to_pay(http: Http) -> None:
    estimate = made(http, "estimate", estimate_no="E-1")
    assert seen(http, permalink(http, estimate)) == (
        "Estimate E-1 Sent Total $200.00 Download PDF From demo demo@example.test To Northwind Ltd"
        " Date 1 September 2010 Currency USD Description Quantity Price Amount Work 1 200.00 200.00"
        " Sub-total $200.00 Total $200.00"
    )


def test_what_is_zero_is_not_shown(http: Http, kind: str) -> None:
    shown = seen(http, permalink(http, made(http, kind, discount="0", tax="0", tax2="0%", shipping="0")))
    assert [word for word in ("Discount", "Tax", "Shipping", "Unit", "Notes", "Due date") if word in shown] == []


@by_row(
    "sent, shown",
    {
        "whole quantity": ({"line_items_attributes": [line(quantity="2.0000")]}, "Work 2 200.00 400.00"),
        "part": ({"line_items_attributes": [line(quantity="0.0500")]}, "Work 0.05 200.00 10.00"),
        "thousands": ({"line_items_attributes": [line(quantity="12500.5")]}, "Work 12,500.5 200.00 2,500,100.00"),
        "credit": (
            {"line_items_attributes": [line(price="-5", quantity=2)]},
            "Work 2 \N{MINUS SIGN}5.00 \N{MINUS SIGN}10.00",
        ),
        "negative total": (
            {"line_items_attributes": [line(price="-5")]},
            "Total \N{MINUS SIGN}$5.00 Paid $0.00 Amount due $0.00",
        ),
        "no lines": ({"line_items_attributes": []}, "No lines Sub-total $0.00 Total $0.00"),
        "rate": ({"tax": "8.125"}, "Tax (8.125%) $16.25"),
        "whole rate": ({"tax": "20.000%"}, "Tax (20%) $40.00"),
        "compound": ({"tax": "10", "tax2": "10", "tax2_compound": True}, "Tax 2 (10%, compound) $22.00"),
        "flat discount": ({"discount": "5"}, "Discount \N{MINUS SIGN}$5.00"),
        "last day": ({"date": "9999-12-31"}, "Date 31 December 9999"),
    },
)
def test_figures_read_well(http: Http, sent: dict[str, Any], shown: str) -> None:
    assert shown in seen(http, permalink(http, made(http, **sent)))


def test_symbols_that_are_letters_stand_apart(http: Http) -> None:
    currencies = http.get("/default_settings/currencies")
    franc = next(row["currency"]["id"] for row in currencies if row["currency"]["symbol"] == "CHF")
    assert "Total CHF 200.00" in seen(http, permalink(http, made(http, client={"currency_id": franc})))


def test_a_due_date_stands_beside_the_figure_only_while_something_is_due(http: Http) -> None:
    invoice, estimate = (made(http, kind, due_date="2010-10-01") for kind in ("invoice", "estimate"))
    path = permalink(http, invoice)
    assert "Amount due $200.00 Due 1 October 2010 Download" in seen(http, path)
    http.post(f"/invoices/{invoice['id']}/payments", payment={"date": "2010-09-02", "amount": "200"})
    assert "Amount due $0.00 Download" in seen(http, path)
    assert "Total $200.00 Download" in seen(http, permalink(http, estimate))
    assert "Due date 1 October 2010" in seen(http, path)


@by_row("paid, state", {"all": ("200", "Paid"), "more": ("250", "Paid"), "part": ("1", "Partly paid")})
def test_the_state_follows_payments(http: Http, paid: str, state: str) -> None:
    invoice = made(http)
    path = permalink(http, invoice)
    assert " Sent " in seen(http, path)
    http.post(f"/invoices/{invoice['id']}/payments", payment={"date": "2010-09-02", "amount": paid})
    assert f" {state} " in seen(http, path)
    http.post(f"/invoices/{invoice['id']}/close", status=200)
    assert " Closed " in seen(http, path)


def test_markup_in_texts_is_text(http: Http, kind: str) -> None:
    evil = '<script>alert("1")</script>'
    texts = {"notes": evil, "summary": evil, f"{kind}_no": evil}
    statement = made(
        http, kind, {"name": evil, "address": evil}, line_items_attributes=[line(evil, unit=evil)], **texts
    )
    html = page(http, permalink(http, statement)).get_data(as_text=True)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 8


def test_right_to_left_texts_find_their_own_direction(http: Http) -> None:
    arabic = "شركة البن العربي"
    statement = made(http, client={"name": arabic}, line_items_attributes=[line(f"{arabic}\n{arabic}")], notes=arabic)
    html = page(http, permalink(http, statement)).get_data(as_text=True)
    assert len(re.findall(rf'dir="auto">{arabic}<', html)) == 4


def test_lines_stay_in_the_senders_order(http: Http) -> None:
    lines = [{**line(name), "sort_order": place} for name, place in (("third", 3), ("first", 1), ("second", 2))]
    shown = seen(http, permalink(http, made(http, line_items_attributes=lines)))
    assert shown.index("first") < shown.index("second") < shown.index("third")


def test_many_lines_take_no_more_queries(app: Flask, http: Http, kind: str) -> None:
    lines = [line(f"Line {number}", "1.00", number) for number in range(1, 501)]
    few, many = made(http, kind), made(http, kind, line_items_attributes=lines)
    costs = []
    for path in (permalink(http, few), permalink(http, many)):
        with statements(app) as sent:
            shown = seen(http, path)
        costs.append(len(sent))
    assert costs == [2, 2]
    assert "Line 500 500 1.00 500.00 Sub-total $125,250.00" in shown


def test_keys_of_the_original_open_their_page(http: Http, database: Database, kind: str) -> None:
    statement = made(http, kind)
    path = permalink(http, statement)
    with database.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {kind}s SET hash_key = 'aB3dE6gH'"))
    place = path.split("/")[1]
    assert statement[f"{kind}_no"] in seen(http, f"/{place}/aB3dE6gH")
    assert http.raw("GET", f"/{place}/ab3de6gh", auth=None).status_code == 404
    assert http.raw("GET", path, auth=None).status_code == 404


def test_a_key_is_looked_up_by_the_index_that_keeps_it_unique(app: Flask, http: Http, database: Database) -> None:
    path = permalink(http, made(http))
    with statements(app) as sent:
        page(http, path)
    assert re.search(r"WHERE invoices\.hash_key = ", sent[0])
    unique = sa.inspect(database.engine).get_unique_constraints("invoices")
    assert ["hash_key"] in [constraint["column_names"] for constraint in unique]


@by_row(
    "key",
    {
        "unknown": "Zz3dE6gHkLmN",
        "short": "abc",
        "long": "a" * 65,
        "NUL": "abcdefgh%00",
        "quote": "abcdefg'",
        "wildcard": "________",
        "percent": "%25%25%25%25%25%25%25%25",
        "not UTF-8": "abcdefg%ff",
        "letters elsewhere": "%D8%B4%D8%B1%D9%83%D8%A9%20%D8%A7%D9%84",
        "path": "../../etc/passwd",
        "deeper": "abcdefgh/abcdefgh",
    },
)
def test_a_wrong_key_is_a_plain_page(http: Http, key: str) -> None:
    made(http)  # a statement that was never delivered has no key
    for path in (f"{place}/{key}{suffix}" for place in ("inv", "est") for suffix in ("", ".pdf", ".xml", "/")):
        response = http.raw("GET", f"/{path}", auth=None)
        assert (response.status_code, response.mimetype) == (404, "text/html"), path
        assert "Page not found" in response.get_data(as_text=True)
        assert response.headers["Cache-Control"] == "private, no-store"


def test_a_key_opens_only_its_own_kind(http: Http) -> None:
    path = permalink(http, made(http))
    assert http.raw("GET", path.replace("/inv/", "/est/"), auth=None).status_code == 404


def test_a_deleted_statement_takes_its_page_along(http: Http, kind: str) -> None:
    statement = made(http, kind)
    path = permalink(http, statement)
    http.delete(f"/{kind}s/{statement['id']}")
    assert http.raw("GET", path, auth=None).status_code == 404


def test_nobody_else_learns_of_the_page(http: Http, kind: str) -> None:
    response = page(http, permalink(http, made(http, kind)))
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert '<meta name="robots" content="noindex, nofollow">' in response.get_data(as_text=True)


def test_the_page_needs_nothing_from_elsewhere(http: Http) -> None:
    html = page(http, permalink(http, made(http, due_date="2010-10-01", notes="n"))).get_data(as_text=True)
    sources = re.findall(r'(?:src|href)="([^"]*)"', html)
    assert {source for source in sources if not source.startswith(("/static/", "/inv/", "mailto:"))} == set()
    assert re.search(r"<style|<script|style=|\son\w+=", html) is None
    [sheet] = [source for source in sources if source.startswith("/static/")]
    with http.raw("GET", sheet, auth=None) as style:
        assert (style.status_code, style.mimetype) == (200, "text/css")
        assert re.search(r"url\(|@import", style.get_data(as_text=True)) is None


def test_head_is_get_without_the_body(http: Http, kind: str) -> None:
    path = permalink(http, made(http, kind))
    for target in (path, f"{path}.pdf", f"/inv/{'x' * 22}"):
        got, head = (http.raw(method, target, auth=None) for method in ("GET", "HEAD"))
        assert (head.status_code, head.data) == (got.status_code, b"")
        assert head.headers["Content-Type"] == got.headers["Content-Type"]


def test_search_engines_are_sent_away(http: Http) -> None:
    response = http.raw("GET", "/robots.txt", auth=None)
    assert (response.status_code, response.mimetype) == (200, "text/plain")
    assert response.get_data(as_text=True) == "User-agent: *\nDisallow: /\n"
