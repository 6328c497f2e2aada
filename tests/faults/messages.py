"""Requests that write, in the formats that clients use. Marks are amounts in cents and names of lines."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from inprocess import JSON, XML

FORM = "application/x-www-form-urlencoded"
FORMATS = ("json", "xml", "form")


@dataclass(frozen=True)
class Message:
    """A request. `expected` is the type of every answer that has a body."""

    method: str
    path: str
    content_type: str = JSON
    body: bytes = b""

    @property
    def expected(self) -> str:
        return XML if self.path.endswith(".xml") else JSON


def payment(method: str, path: str, form: str, cents: str) -> Message:
    """A payment of so many cents."""
    amount = f"{int(cents) // 100}.{int(cents) % 100:02}"
    return message(method, path, form, "payment", {"date": "2010-09-30", "amount": amount, "payment_method": "cash"})


def invoice(method: str, path: str, form: str, attributes: Mapping[str, str], lines: Sequence[str]) -> Message:
    """An invoice with a line for each mark. In a form there is no line: old clients had no way to number them."""
    named = [{"name_and_description": mark, "price": "12.34", "quantity": "1.5"} for mark in lines]
    return message(method, path, "json" if form == "form" else form, "invoice", attributes, named)


def message(
    method: str, path: str, form: str, root: str, values: Mapping[str, str], lines: Sequence[Mapping[str, str]] = ()
) -> Message:
    """Attributes, and lines where there are any, below a root."""
    if form == "json":
        value = {**values, "line_items_attributes": lines} if lines else values
        return Message(method, f"{path}.json", JSON, json.dumps({root: value}).encode())
    if form == "form":
        return Message(method, f"{path}.json", FORM, urlencode({f"{root}[{k}]": v for k, v in values.items()}).encode())
    rows = "".join(f"<line-item>{elements(line)}</line-item>" for line in lines)
    listed = f'<line-items-attributes type="array">{rows}</line-items-attributes>' if lines else ""
    return Message(method, f"{path}.xml", XML, f"<{root}>{elements(values)}{listed}</{root}>".encode())


def elements(values: Mapping[str, str]) -> str:
    """The values as XML elements, with Rails' hyphens."""
    return "".join(f"<{k.replace('_', '-')}>{escape(v)}</{k.replace('_', '-')}>" for k, v in values.items())
