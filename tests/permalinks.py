"""Statements with a public page, made as a user makes them, and what a reader sees of the page."""

import re
from html import unescape
from io import BytesIO
from typing import Any

from inprocess import Http
from pypdf import PdfReader
from werkzeug.test import TestResponse

ADDRESS = {
    "address": "14 Quayside Lane\nUnit 3",
    "city": "Bristol",
    "province": "Avon",
    "zip_code": "BS1 4QX",
    "country": "United Kingdom",
}
PLACES = {"invoice": "inv", "estimate": "est"}


def line(text: str = "Work", price: str = "200.00", quantity: Any = 1, unit: str | None = None) -> dict[str, Any]:
    """A line item as it is sent."""
    return {"name_and_description": text, "price": price, "quantity": quantity, "unit": unit}


def made(http: Http, kind: str = "invoice", client: dict[str, Any] | None = None, **sent: Any) -> dict[str, Any]:
    """A statement of 1 September 2010 with a client of its own. Returns the record."""
    customer = {"name": "Northwind Ltd", "email": "northwind@example.test", **(client or {})}
    client_id = http.post("/clients", client=customer)["client"]["id"]
    values = {"client_id": client_id, "date": "2010-09-01", "line_items_attributes": [line()], **sent}
    return http.post(f"/{kind}s", json={kind: values})[kind]


def permalink(http: Http, statement: dict[str, Any]) -> str:
    """The path of its page, once it is delivered."""
    kind = "invoice" if "invoice_no" in statement else "estimate"
    http.post(f"/deliver/{kind}/{statement['id']}", status=200)
    delivered = http.get(f"/{kind}s/{statement['id']}")[kind]
    return f"/{PLACES[kind]}/{delivered['hash_key']}"


def page(http: Http, path: str) -> TestResponse:
    """The page as a customer opens it, without a login."""
    response = http.raw("GET", path, auth=None)
    assert (response.status_code, response.mimetype) == (200, "text/html")
    return response


def seen(http: Http, path: str) -> str:
    """What stands on the page: its text, blanks collapsed, without what only a phone shows."""
    body = page(http, path).get_data(as_text=True).split("<body>")[1]
    wide = re.sub(r'<p class="narrow">.*?</p>', "", body, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", wide)).split())


def printed(http: Http, path: str) -> list[str]:
    """The text of each page of its PDF, blanks collapsed."""
    response = http.raw("GET", f"{path}.pdf", auth=None)
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    reader = PdfReader(BytesIO(response.data), strict=True)
    return [" ".join(sheet.extract_text().split()) for sheet in reader.pages]
