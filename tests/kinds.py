"""The six resources of the public API as data: where each is, what makes one, what changes it, what is refused."""

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from inprocess import Http

BLANK = "can't be blank"
SOON = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()  # a profile may not start long ago
LINE = {"name_and_description": "Work & travel", "price": "12.50", "quantity": 2}


@dataclass(frozen=True)
class Kind:
    """A resource. `shown` is what a record made of `created` answers, `after` what it answers once `changed`."""

    root: str
    path: str
    created: dict[str, Any]
    shown: dict[str, str]
    changed: dict[str, Any]
    after: dict[str, str]
    missing: list[list[str]]  # why a create of nothing is refused
    refused: dict[str, Any]
    pairs: list[list[str]]  # why an update with `refused` is
    to_strangers: dict[str, int | None] = field(default_factory=dict)  # what they get where it is not 404; None: theirs

    @property
    def plural(self) -> str:
        return self.path.rpartition("/")[2]


def _statement(root: str, number: str, **required: Any) -> Kind:
    return Kind(
        root,
        f"/{root}s",
        {"client_id": 1, "notes": "a < b", "line_items_attributes": [LINE], **required},
        {"notes": "a < b", "total_billed": "$25.00"},
        {"notes": "Größe & Co", "discount": "10%"},
        {"notes": "Größe & Co", "total_billed": "$22.50"},
        [["client_id", BLANK], *([name, BLANK] for name in required)],
        {"client_id": "", number: "x" * 256},
        [["client_id", BLANK], [number, f"is too long (maximum is {255 if not required else 200} characters)"]],
        {"index": 200, "create": 422},
    )


KINDS = {
    "payments": Kind(
        "payment",
        "/invoices/1/payments",
        {"date": "2010-09-30", "amount": "7.50", "payment_method": "PayPal"},
        {"date": "2010-09-30", "amount": "7.50", "payment_method": "PayPal"},
        {"amount": 8.25},
        {"date": "2010-09-30", "amount": "8.25"},
        [["date", BLANK], ["amount", BLANK]],
        {"date": "", "amount": "abc"},
        [["date", BLANK], ["amount", "is not a number"]],
    ),
    "clients": Kind(
        "client",
        "/clients",
        {"name": "Zoë & Söhne", "city": "Köln"},
        {"name": "Zoë & Söhne", "city": "Köln", "full_address_with_comma": "Köln"},
        {"city": "Bonn"},
        {"name": "Zoë & Söhne", "city": "Bonn", "full_address_with_comma": "Bonn"},
        [["name", BLANK]],
        {"name": " "},
        [["name", BLANK]],
        {"index": 200, "create": None},
    ),
    "invoices": _statement("invoice", "invoice_no"),
    "estimates": _statement("estimate", "estimate_no"),
    "items": Kind(
        "item",
        "/items",
        {"name": "Hour", "price": "12.5", "units": "h"},
        {"name": "Hour", "price": "$12.50", "units": "h"},
        {"price": 13},
        {"name": "Hour", "price": "$13.00", "units": "h"},
        [["name", BLANK]],
        {"name": None},
        [["name", BLANK]],
        {"index": 200, "create": None},
    ),
    "recurring_profiles": _statement("recurring_profile", "invoice_no", start_date=SOON, profile_name="Rent"),
}


def make_parents(http: Http) -> None:
    """Client 1 and invoice 1, in a database that has neither."""
    http.post("/clients", client={"name": "Acme"})
    http.post("/invoices", invoice={"client_id": 1})


def make(http: Http, kind: Kind, **changes: Any) -> dict[str, Any]:
    """One more record, as it is answered."""
    return http.post(kind.path, json={kind.root: kind.created | changes})[kind.root]


def everything(http: Http) -> dict[str, Any]:
    """All that a user can see of all resources, from the first page of each."""
    lists = {kind.plural: http.get(kind.path) for kind in KINDS.values() if kind.root != "payment"}
    invoices = [element["invoice"]["id"] for element in lists["invoices"]]
    return lists | {"payments": [http.get(f"/invoices/{number}/payments") for number in invoices]}


def as_xml(name: str, value: Any) -> ElementTree.Element:
    """A record as a program of the era sends it: dashes, an array typed as one, nothing else typed."""
    element = ElementTree.Element(name.replace("_", "-"))
    if isinstance(value, dict):
        element.extend(as_xml(key, part) for key, part in value.items())
    elif isinstance(value, list):
        element.set("type", "array")
        element.extend(as_xml("element", part) for part in value)
    elif value is not None:
        element.text = str(value)
    return element


def body_of(root: str, values: dict[str, Any], format: str) -> dict[str, Any]:
    """What `http` needs to send a record in that format."""
    if format == "xml":
        return {"xml": ElementTree.tostring(as_xml(root, values), encoding="unicode")}
    return {"json": {root: values}}


def records(body: bytes, kind: Kind, format: str) -> list[dict[str, str]]:
    """The records of an answer, one or many or none, their fields as texts."""
    if not body:
        return []
    if format == "xml":
        return [_texts(element) for element in _elements(ElementTree.fromstring(body), kind)]
    value = json.loads(body)
    found = value if isinstance(value, list) else [value]
    assert all(list(element) == [kind.root] for element in found), value
    return [{name: str(text) for name, text in element[kind.root].items()} for element in found]


def _elements(top: ElementTree.Element, kind: Kind) -> list[ElementTree.Element]:
    one, many = kind.root.replace("_", "-"), kind.plural.replace("_", "-")
    if top.tag == one:
        return [top]
    assert (top.tag, {element.tag for element in top}) == (many, {one} if len(top) else set())
    if kind.root == "item":  # documented so: no type, and each tag twice
        assert (top.attrib, [[inner.tag for inner in outer] for outer in top]) == ({}, [["item"]] * len(top))
        return [outer[0] for outer in top]
    assert top.attrib == {"type": "array"}
    return list(top)


def _texts(record: ElementTree.Element) -> dict[str, str]:
    return {element.tag.replace("-", "_"): element.text or "" for element in record}
