"""Clients: what is shown, what is required, ten a page, and who may not be deleted."""

import re
from datetime import datetime
from typing import Any

import pytest
from databases import Database
from factories import at, make_client, make_invoice
from inprocess import Http
from tables import by_row

FIELDS = [
    "id",
    "name",
    "email",
    "currency",
    "address",
    "city",
    "province",
    "zip_code",
    "country",
    "full_address_with_comma",
    "phone",
    "fax",
    "custom_field_name",
    "custom_field_value",
    "created_at",
    "updated_at",
]
WHOLE = {
    "name": "Acme & Söhne",
    "email": "office@acme.test",
    "address": "1 High Street\nFloor 2",
    "city": "Colombo",
    "province": "Western",
    "zip_code": "00100",
    "country": "Sri Lanka",
    "phone": "+94 11 1",
    "fax": "+94 11 2",
    "custom_field_name": "VAT",
    "custom_field_value": "GB 1",
}


def test_shown_in_the_documented_order(http: Http, client_id: int) -> None:
    shown = http.get(f"/clients/{client_id}")["client"]
    assert list(shown) == FIELDS
    assert list(shown["currency"]) == ["name", "symbol"]


def test_shown_in_the_documented_order_in_xml(http: Http, client_id: int) -> None:
    tags = re.findall(r"^  <([a-z-]+)", http.get(f"/clients/{client_id}.xml"), re.MULTILINE)
    assert [tag.replace("-", "_") for tag in tags] == FIELDS


def test_currency_is_an_element_with_two_children_in_xml(http: Http, client_id: int) -> None:
    currency = (
        "  <currency>\n    <name>United States of America, Dollars</name>\n    <symbol>$</symbol>\n  </currency>\n"
    )
    assert currency in http.get(f"/clients/{client_id}.xml")


def test_everything_sent_comes_back(http: Http) -> None:
    made = http.post("/clients", client=WHOLE)["client"]
    assert made == http.get(f"/clients/{made['id']}")["client"]
    assert {name: made[name] for name in WHOLE} == WHOLE


def test_a_client_of_a_name_alone(http: Http) -> None:
    made = http.post("/clients", client={"name": "Acme"})["client"]
    empty = set(WHOLE) - {"name"}
    assert {name: made[name] for name in empty} == dict.fromkeys(empty)
    assert made["full_address_with_comma"] == ""
    assert made["currency"] == {"name": "United States of America, Dollars", "symbol": "$"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["created_at"])
    assert made["updated_at"] == made["created_at"]


ADDRESSES = {
    "all": (("1 High Street", "Galle", "Southern", "80000", "Lanka"), "1 High Street, Galle, Southern, 80000, Lanka"),
    "some": ((None, "Galle", None, None, "Lanka"), "Galle, Lanka"),
    "one": ((None, None, None, "80000", None), "80000"),
    "blanks-around": (("  1 High Street ", " Galle", None, None, None), "1 High Street, Galle"),
    "blanks-alone": (("   ", "Galle", "", None, "\t"), "Galle"),
}


@by_row("parts, joined", ADDRESSES)
def test_full_address_joins_the_parts_that_are_there(http: Http, parts: tuple, joined: str) -> None:
    sent = dict(zip(("address", "city", "province", "zip_code", "country"), parts, strict=True))
    made = http.post("/clients", client={"name": "Acme", "full_address_with_comma": "elsewhere", **sent})["client"]
    assert made["full_address_with_comma"] == joined
    assert http.get(f"/clients/{made['id']}")["client"]["full_address_with_comma"] == joined


BLANK_NAMES = {"missing": {}, "null": {"name": None}, "empty": {"name": ""}, "blanks": {"name": " \t "}}


@by_row("sent", BLANK_NAMES)
def test_a_name_is_required(http: Http, sent: dict[str, Any]) -> None:
    assert http.post("/clients", client={"city": "Colombo", **sent}, status=422) == [["name", "can't be blank"]]
    assert http.get("/clients") == []


@by_row("sent", {key: sent for key, sent in BLANK_NAMES.items() if sent})
def test_a_name_cannot_be_taken_away(http: Http, client_id: int, sent: dict[str, Any]) -> None:
    assert http.put(f"/clients/{client_id}", client=sent, status=422) == [["name", "can't be blank"]]
    assert http.get(f"/clients/{client_id}")["client"]["name"] == "Acme"


def test_an_update_changes_what_is_sent_and_nothing_else(http: Http) -> None:
    before = http.post("/clients", client=WHOLE)["client"]
    after = http.put(f"/clients/{before['id']}", client={"city": "Kandy", "fax": None})["client"]
    changed = {"city", "fax", "full_address_with_comma", "updated_at"}
    assert (after["city"], after["fax"]) == ("Kandy", None)
    assert {name: after[name] for name in FIELDS if name not in changed} == {
        name: before[name] for name in FIELDS if name not in changed
    }


@pytest.mark.parametrize("name", sorted(set(WHOLE) - {"address"}))
def test_255_characters_are_kept_and_256_refused(http: Http, name: str) -> None:
    made = http.post("/clients", client=WHOLE | {name: "é" * 255})["client"]
    assert made[name] == "é" * 255
    refused = http.put(f"/clients/{made['id']}", client={name: "é" * 256}, status=422)
    assert refused == [[name, "is too long (maximum is 255 characters)"]]


def test_updated_at_moves_only_when_something_changes(http: Http, database: Database, user: int) -> None:
    long_ago = at("2010-09-30T01:47:50Z")
    path = f"/clients/{make_client(database, user, city='Colombo', created_at=long_ago, updated_at=long_ago)}"
    for nothing in ({"city": "Colombo"}, {"name": "Acme", "email": None}, {}, http.get(path)["client"]):
        assert http.put(path, client=nothing)["client"]["updated_at"] == "2010-09-30T01:47:50Z"
    changed = http.put(path, client={"city": "Kandy"})["client"]
    assert changed["created_at"] == "2010-09-30T01:47:50Z"
    assert datetime.fromisoformat(changed["updated_at"]).year > 2010


PAGES = {
    "documented-default": ("", range(10)),
    "second": ("?page=2", range(10, 12)),
    "past-the-end": ("?page=3", range(0)),
    "gem": ("?per_page=20&page=1", range(12)),
    "smaller": ("?per_page=5&page=3", range(10, 12)),
    "junk": ("?page=x&per_page=-1", range(10)),
}


@by_row("arguments, places", PAGES)
def test_ten_a_page_oldest_first(http: Http, database: Database, user: int, arguments: str, places: range) -> None:
    ids = [make_client(database, user, name=f"Client {12 - number}") for number in range(12)]
    shown = [element["client"]["id"] for element in http.get(f"/clients{arguments}")]
    assert shown == [ids[place] for place in places]


def test_a_list_has_whole_records(http: Http, client_id: int) -> None:
    second = http.post("/clients", client=WHOLE)["client"]["id"]
    assert http.get("/clients") == [http.get(f"/clients/{client_id}"), http.get(f"/clients/{second}")]


def test_a_client_without_statements_can_be_deleted(http: Http, client_id: int) -> None:
    assert http.delete(f"/clients/{client_id}") is None
    http.get(f"/clients/{client_id}", status=404)
    http.delete(f"/clients/{client_id}", status=404)
    assert http.get("/clients") == []


def test_a_client_with_an_invoice_cannot(http: Http, database: Database, user: int, client_id: int) -> None:
    path = f"/clients/{client_id}"
    invoice = make_invoice(database, user, client_id=client_id)
    assert http.delete(path, status=422) == [["base", "Client has invoices"]]
    assert "<errors>\n  <error>Client has invoices</error>\n</errors>" in http.delete(f"{path}.xml", status=422)
    assert http.get(path)["client"]["id"] == client_id
    assert http.get(f"/invoices/{invoice}")["invoice"]["client"] == {"name": "Acme", "id": client_id}
    http.delete(f"/invoices/{invoice}")
    http.delete(path)
    http.get(path, status=404)


def test_the_id_of_a_deleted_client_is_not_given_again(http: Http, client_id: int) -> None:
    http.delete(f"/clients/{client_id}")
    assert http.post("/clients", client={"name": "Next"})["client"]["id"] > client_id
