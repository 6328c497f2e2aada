"""Every public resource through its five actions, in both formats, from one table."""

import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from typing import Any

import pytest
from inprocess import Http
from tables import by_row


@dataclass
class Resource:
    """Where a resource is, what creates one, what changes it, and the field that shows it."""

    path: str
    root: str
    created: dict[str, Any]
    changed: dict[str, Any]
    missing: list[list[str]]
    location: str = ""


RESOURCES = {
    "clients": Resource("/clients", "client", {"name": "Zoë & Söhne"}, {"name": "Zoe"}, [["name", "can't be blank"]]),
    "invoices": Resource(
        "/invoices",
        "invoice",
        {"client_id": 1, "summary": "a < b"},
        {"summary": "c"},
        [["client_id", "can't be blank"]],
    ),
    "payments": Resource(
        "/invoices/1/payments",
        "payment",
        {"date": "2010-09-30", "amount": "7.50"},
        {"amount": "8.25"},
        [["date", "can't be blank"], ["amount", "can't be blank"]],
        "/payments",
    ),
}


def encode(suffix: str, root: str, values: dict[str, Any]) -> dict[str, Any]:
    if suffix == ".json":
        return {"json": {root: values}}
    record = ElementTree.Element(root)
    for name, value in values.items():
        ElementTree.SubElement(record, name.replace("_", "-")).text = str(value)
    return {"xml": ElementTree.tostring(record, encoding="unicode")}


def field(body: str, name: str) -> str:
    """A field of a single record in either format, as text."""
    if body.startswith("<"):
        return ElementTree.fromstring(body.encode()).findtext(name.replace("_", "-"))
    return str(next(iter(json.loads(body).values()))[name])


@pytest.fixture(autouse=True)
def parents(http: Http) -> None:
    """Client 1 and invoice 1."""
    http.post("/clients", client={"name": "Acme"})
    http.post("/invoices", invoice={"client_id": 1})


@by_row("resource", RESOURCES)
@pytest.mark.parametrize("suffix", [".json", ".xml"])
def test_five_actions(http: Http, resource: Resource, suffix: str) -> None:
    collection = resource.path + suffix
    made = http.raw("POST", collection, **encode(suffix, resource.root, resource.created))
    assert made.status_code == 201, made.data
    number = made.headers["Location"].rpartition("/")[2]
    assert made.headers["Location"] == f"http://localhost{resource.location or resource.path}/{number}"
    member = f"{resource.path}/{number}{suffix}"

    for name, value in resource.created.items():
        if name != "client_id":
            assert field(made.get_data(as_text=True), name) == value
    assert http.raw("GET", member).data == made.data
    assert number in re.findall(r"\b\d+\b", http.raw("GET", collection).get_data(as_text=True))

    changed = http.raw("PUT", member, **encode(suffix, resource.root, resource.changed))
    assert changed.status_code == 200, changed.data
    for name, value in resource.changed.items():
        assert field(changed.get_data(as_text=True), name) == value
    assert http.raw("GET", member).data == changed.data

    gone = http.raw("DELETE", member)
    assert (gone.status_code, gone.data) == (200, b"")
    assert http.raw("GET", member).status_code == 404


@by_row("resource", RESOURCES)
def test_create_without_what_is_required(http: Http, resource: Resource) -> None:
    assert http.post(resource.path, json={resource.root: {}}, status=422) == resource.missing
    response = http.raw("POST", f"{resource.path}.xml", xml=f"<{resource.root}/>")
    assert response.status_code == 422
    messages = [error.text for error in ElementTree.fromstring(response.data)]
    assert [message.endswith("can't be blank") for message in messages] == [True] * len(resource.missing)


@by_row("resource", RESOURCES)
@pytest.mark.parametrize("suffix", [".json", ".xml"])
def test_a_strangers_records_are_missing(http: Http, stranger: Http, resource: Resource, suffix: str) -> None:
    made = http.raw("POST", resource.path, json={resource.root: resource.created})
    member = f"{resource.path}/{made.headers['Location'].rpartition('/')[2]}{suffix}"
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert stranger.raw(method, member, json={resource.root: resource.changed}).status_code == 404
    assert http.raw("GET", member).status_code == 200
    listed = stranger.raw("GET", resource.path)
    assert (listed.status_code, listed.data) in ((200, b"[]"), (404, listed.data))


@by_row("resource", RESOURCES)
def test_the_whole_record_can_be_sent_back(http: Http, resource: Resource) -> None:
    """The gem's update: what was read goes back as it came, with everything that cannot be set."""
    made = http.raw("POST", resource.path, json={resource.root: resource.created})
    member = f"{resource.path}/{made.headers['Location'].rpartition('/')[2]}"
    before = http.get(member)
    assert http.put(member, json=before) == before
    in_xml = http.raw("GET", f"{member}.xml").data
    answer = http.raw("PUT", f"{member}.xml", xml=in_xml)
    assert (answer.status_code, answer.data) == (200, in_xml)
