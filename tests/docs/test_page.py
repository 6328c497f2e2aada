"""The documentation page and the front page: complete, and nothing in them comes from elsewhere."""

import re
from contextlib import closing
from html import unescape

import pytest
from described import DOCUMENT, OPERATIONS, Operation
from flask import Flask
from inprocess import Http
from werkzeug.test import TestResponse

LINK = re.compile(r'(?:href|src|action)="([^"]*)"')


@pytest.fixture
def anybody(app: Flask) -> Http:
    """Requests without a login."""
    return Http(app, None)


@pytest.fixture
def docs(anybody: Http) -> TestResponse:
    """The documentation page."""
    return anybody.raw("GET", "/docs")


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_load_nothing_from_elsewhere(path: str, anybody: Http) -> None:
    response = anybody.raw("GET", path)
    html = response.get_data(as_text=True)
    assert (response.status_code, response.mimetype) == (200, "text/html")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert not re.search(r"<script|<iframe|<img|\bon\w+=|style=", html)
    links = LINK.findall(html)
    assert links
    for link in links:
        assert link.startswith(("/", "#")), link
        if link.startswith("/"):
            with closing(anybody.raw("GET", link)) as linked:
                assert linked.status_code == 200
        else:
            assert f'id="{link[1:]}"' in html


def test_every_operation_is_on_the_page(docs: TestResponse) -> None:
    html = docs.get_data(as_text=True)
    parts = html.split('<details class="operation">')
    for operation in OPERATIONS:
        [part] = [part for part in parts if f'id="{operation.told["operationId"]}"' in part]
        assert f"<code>{operation.path}</code>" in part
        assert f">{operation.method}</b>" in part
        check_contents(unescape(part), operation)


def check_contents(part: str, operation: Operation) -> None:
    """What a reader needs: the command, each parameter, what to send and the answer, and what else may come."""
    told = operation.told
    assert f"'http://localhost{operation.path}.json'" in part
    for parameter in told["parameters"]:
        assert f"<code>{parameter['name']}</code>" in part
    assert ("<h3>Send</h3>" in part) == ("requestBody" in told)
    assert f"Answer: {operation.success}" in part
    for status in told["responses"]:
        assert status in part
    for content in (told.get("requestBody", {}), operation.response(operation.success)):
        for media in content.get("content", {}).values():
            if isinstance(media.get("example"), str):
                assert media["example"] in part


def test_every_attribute_is_on_the_page(docs: TestResponse) -> None:
    html = docs.get_data(as_text=True)
    for name in ("Client", "Invoice", "LineItem", "RecurringProfile", "InvoicePayment", "User"):
        table = html.split(f'id="record-{name}"')[1].split("</table>")[0]
        for attribute in DOCUMENT["components"]["schemas"][name]["properties"]:
            assert f"<code>{attribute}</code>" in table


def test_the_front_page_names_every_resource(anybody: Http) -> None:
    html = anybody.raw("GET", "/").get_data(as_text=True)
    assert 'href="/docs"' in html
    assert 'href="/openapi.json"' in html
    for operation in OPERATIONS:
        path = operation.path.replace("{invoice_id}", "ID").replace("{id}", "ID")
        actions = re.sub(r"/(close|reopen|duplicate|convert|batch_action)$", "", path)
        collection = actions if actions.startswith("/deliver/") else actions.removesuffix("/ID")
        assert collection == "/payments" or f"<code>{collection}</code>" in html
