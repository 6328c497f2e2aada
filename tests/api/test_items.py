"""Items: what a user sells. Their list in XML has each tag twice, as documented."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from databases import Database
from factories import at, make_user
from inprocess import Http
from tables import by_row

FIELDS = ["price", "name", "created_at", "updated_at", "units", "id", "description"]
LONG_AGO = "2010-09-30T01:47:50Z"


def make(http: Http, **values: Any) -> dict[str, Any]:
    return http.post("/items", item={"name": "Hour", **values})["item"]


def test_shown_in_the_documented_order(http: Http) -> None:
    made = make(http, price="12.50", units="h", description="An hour\nof <work>")
    assert list(made) == FIELDS
    assert (made["price"], made["units"], made["description"]) == ("$12.50", "h", "An hour\nof <work>")
    assert [list(element["item"]) for element in http.get("/items")] == [FIELDS]
    assert re.findall(r"^  <([a-z-]+)", http.get("/items/1.xml"), re.MULTILINE) == [f.replace("_", "-") for f in FIELDS]


def test_an_item_of_a_name_alone(http: Http) -> None:
    made = make(http)
    assert made.pop("created_at") == made.pop("updated_at")
    assert made == {"price": "$0.00", "name": "Hour", "units": None, "id": 1, "description": None}


def test_the_list_in_xml_has_each_tag_twice(http: Http, database: Database) -> None:
    make(http, price="1600", units="h")
    make(http, name="A & B")
    with database.engine.begin() as connection:
        change = "UPDATE items SET created_at = :then, updated_at = :then"
        connection.execute(sa.text(change), {"then": at(LONG_AGO)})
    moments = f"<created-at>{LONG_AGO}</created-at>\n      <updated-at>{LONG_AGO}</updated-at>"
    assert http.get("/items.xml") == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<items>\n'
        f"  <item>\n    <item>\n      <price>$1600.00</price>\n      <name>Hour</name>\n      {moments}\n"
        '      <units>h</units>\n      <id type="integer">1</id>\n      <description nil="true"></description>\n'
        "    </item>\n  </item>\n"
        f"  <item>\n    <item>\n      <price>$0.00</price>\n      <name>A &amp; B</name>\n      {moments}\n"
        '      <units nil="true"></units>\n      <id type="integer">2</id>\n'
        '      <description nil="true"></description>\n    </item>\n  </item>\n</items>\n'
    )


def test_an_empty_list_has_no_type_either(http: Http) -> None:
    assert http.get("/items.xml") == '<?xml version="1.0" encoding="UTF-8"?>\n<items/>\n'
    assert http.get("/items") == []


@by_row(
    "sent",
    {"suffix": {"path": "/items.xml"}, "accept": {"headers": {"Accept": "text/xml"}}, "format": {"query": "xml"}},
)
def test_the_doubled_list_however_xml_is_asked_for(http: Http, sent: dict[str, Any]) -> None:
    make(http)
    sent = dict(sent)
    path = sent.pop("path", "/items") + (f"?format={sent.pop('query')}" if "query" in sent else "")
    assert "<items>\n  <item>\n    <item>\n" in http.get(path, **sent)


def test_one_item_in_xml_is_an_ordinary_record(http: Http) -> None:
    make(http)
    answer = http.get("/items/1.xml")
    assert answer.count("<item>") == 1
    assert '<id type="integer">1</id>' in answer


def test_the_doubled_list_is_revalidated_like_any(http: Http) -> None:
    make(http)
    first = http.raw("GET", "/items.xml")
    again = http.raw("GET", "/items.xml", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert http.raw("GET", "/items.json").headers["ETag"] != first.headers["ETag"]
    make(http)
    assert http.raw("GET", "/items.xml", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


PRICES = {
    "text": ("12.50", "$12.50"),
    "number": (12.5, "$12.50"),
    "whole": (7, "$7.00"),
    "rounded-half-away": (1.005, "$1.01"),
    "negative": ("-12.345", "-$12.35"),
    "no-thousands-separator": ("1234567.5", "$1234567.50"),
    "blanks-around": (" 5 ", "$5.00"),
    "exponent": ("1e3", "$1000.00"),
    "null": (None, "$0.00"),
    "empty": ("", "$0.00"),
    "as-a-new-one-shows-it": ("$0.00", "$0.00"),
}


@by_row("sent, shown", PRICES)
def test_a_price_is_a_bare_number_and_shown_with_its_symbol(http: Http, sent: Any, shown: str) -> None:
    made = make(http, price=sent)
    assert made["price"] == shown
    assert http.get(f"/items/{made['id']}")["item"] == made
    other = make(http)
    assert http.put(f"/items/{other['id']}", item={"price": sent})["item"]["price"] == shown


def test_a_price_as_it_is_shown_changes_nothing(http: Http) -> None:
    made = make(http, price="12.50")
    path = f"/items/{made['id']}"
    assert http.put(path, item={"price": "$12.50"})["item"] == made
    assert http.put(path, item={"price": "$12.50", "units": "h"})["item"] | {"updated_at": None} == (
        made | {"units": "h", "updated_at": None}
    )
    refused = http.put(path, item={"price": "$13.00", "units": "d"}, status=422)
    assert refused == [["price", "is not a number"]]
    assert http.get(path)["item"]["units"] == "h"


@pytest.mark.parametrize(
    "sent",
    ["abc", "$5.00", "1,000.00", "5.", "0x1F", "NaN", "\u0665", "1e400", 1e15, True, [5], {"a": 5}],
    ids=str,
)
def test_what_is_no_price_is_refused(http: Http, sent: Any) -> None:
    made = make(http, price="1.00")
    for method, path in (("POST", "/items"), ("PUT", f"/items/{made['id']}")):
        response = http.raw(method, path, item={"name": "Other", "price": sent})
        assert response.status_code == 422, response.data
        assert [attribute for attribute, _ in response.json] == ["price"]
    assert http.get("/items") == [{"item": made}]


@by_row("sent", {"absent": {}, "null": {"name": None}, "empty": {"name": ""}, "blanks": {"name": " \t"}})
def test_a_name_is_required(http: Http, sent: dict[str, Any]) -> None:
    assert http.post("/items", item={"price": "5", **sent}, status=422) == [["name", "can't be blank"]]
    made = make(http)
    if sent:
        assert http.put(f"/items/{made['id']}", item=sent, status=422) == [["name", "can't be blank"]]
    assert http.get("/items") == [{"item": made}]


@by_row("name, longest", {"name": ("name", 255), "units": ("units", 255), "description": ("description", 65_535)})
def test_the_longest_text_that_is_kept(http: Http, name: str, longest: int) -> None:
    assert make(http, **{name: "ß" * longest})[name] == "ß" * longest
    too_long = [[name, f"is too long (maximum is {longest} characters)"]]
    assert http.post("/items", item={"name": "Hour", name: "ß" * (longest + 1)}, status=422) == too_long


def test_updated_at_moves_only_when_something_changes(http: Http, database: Database) -> None:
    path = f"/items/{make(http, price='5', units='h')['id']}"
    for sent, moves in (({"price": "5.00"}, False), ({"units": "h"}, False), ({}, False), ({"price": "6"}, True)):
        with database.engine.begin() as connection:
            connection.execute(sa.text("UPDATE items SET updated_at = :then"), {"then": at(LONG_AGO)})
        assert (http.put(path, item=sent)["item"]["updated_at"] != LONG_AGO) == moves, sent


@by_row("currency, shown", {"euro": (46, "€5000.00"), "yen": (69, "¥5000.00"), "dirham": (1, "AED5000.00")})
def test_a_price_is_in_its_users_currency(stranger: Http, database: Database, currency: int, shown: str) -> None:
    make_user(database, "abroad", currency_id=currency)
    made = stranger.post("/items", auth=("abroad", "abroad"), item={"name": "Hour", "price": 5000})["item"]
    assert made["price"] == shown
    echo = stranger.put(f"/items/{made['id']}", auth=("abroad", "abroad"), json={"item": made})["item"]
    assert echo == made


def test_20_a_page_oldest_first(http: Http) -> None:
    ids = [make(http)["id"] for _ in range(21)]
    for arguments, expected in (
        ("", ids[:20]),
        ("?page=2", ids[20:]),
        ("?per_page=2&page=3", ids[4:6]),
        ("?page=9", []),
    ):
        assert [element["item"]["id"] for element in http.get(f"/items{arguments}")] == expected
        in_xml = http.get(f"/items.xml{arguments}")
        assert re.findall(r'<id type="integer">(\d+)', in_xml) == [str(number) for number in expected]


def test_a_list_holds_the_users_own(http: Http, stranger: Http) -> None:
    mine, theirs = make(http), make(stranger)
    assert [http.get("/items"), stranger.get("/items")] == [[{"item": mine}], [{"item": theirs}]]
    assert f'<id type="integer">{theirs["id"]}</id>' not in http.get("/items.xml")
