"""The list of currencies: the same for everybody and for ever; and yen, which have no decimals to round to."""

import csv
from importlib import resources
from typing import Any

import pytest
from databases import Database
from factories import make_user
from inprocess import Http
from tables import by_row

PATH = "/default_settings/currencies"
LINE = {"name_and_description": "Work", "price": "1000.4", "quantity": "0.5"}  # 500.2 of anything


@pytest.fixture
def currencies(http: Http) -> list[dict[str, Any]]:
    """All of them."""
    return [element["currency"] for element in http.get(PATH)]


def test_150_is_the_dollar_of_the_united_states(currencies: list[dict[str, Any]]) -> None:
    (dollar,) = [currency for currency in currencies if currency["id"] == 150]
    assert dollar == {"id": 150, "name": "United States of America, Dollars", "symbol": "$"}


def test_each_has_an_id_a_name_and_a_symbol_of_its_own(currencies: list[dict[str, Any]]) -> None:
    assert {tuple(currency) for currency in currencies} == {("id", "name", "symbol")}
    for name in ("id", "name"):
        assert len({currency[name] for currency in currencies}) == len(currencies)
    ids = [currency["id"] for currency in currencies]
    assert ids == sorted(ids)
    assert all(type(number) is int and number > 0 for number in ids)
    assert all(currency["symbol"].strip() and currency["name"].strip() for currency in currencies)


def test_they_are_those_of_the_kept_table(currencies: list[dict[str, Any]]) -> None:
    """What a client stored yesterday is the same tomorrow: nothing but a migration may add to this."""
    table = resources.files("curdbee_compat") / "migrations" / "currencies.csv"
    with table.open(encoding="utf-8", newline="") as rows:
        kept = [{"id": int(row["id"]), "name": row["name"], "symbol": row["symbol"]} for row in csv.DictReader(rows)]
    assert currencies == sorted(kept, key=lambda row: row["id"])
    assert len(currencies) > 150


@by_row(
    "number, name, symbol",
    {
        "euro": (46, "European Union, Euros", "€"),
        "yen": (69, "Japan, Yen", "¥"),
        "dirham": (1, "United Arab Emirates, Dirhams", "AED"),
    },
)
def test_some_of_them(currencies: list[dict[str, Any]], number: int, name: str, symbol: str) -> None:
    assert {"id": number, "name": name, "symbol": symbol} in currencies


def test_they_are_the_same_for_everybody(http: Http, stranger: Http, currencies: list[dict[str, Any]]) -> None:
    assert stranger.get(PATH) == http.get(f"{PATH}.json") == [{"currency": currency} for currency in currencies]
    assert http.get(f"{PATH}?page=2&per_page=5") == http.get(PATH)


def test_in_xml(http: Http) -> None:
    answer = http.get(f"{PATH}.xml")
    assert answer.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<currencies type="array">\n  <currency>\n')
    assert (
        '    <id type="integer">150</id>\n    <name>United States of America, Dollars</name>\n    <symbol>$</symbol>\n'
    ) in answer


def test_nobody_reads_without_a_login_and_nobody_writes(http: Http) -> None:
    before = http.get(PATH)
    http.get(PATH, auth=None, status=401)
    for method in ("POST", "PUT", "DELETE"):
        response = http.raw(method, PATH, json={"currency": {"name": "Mine"}})
        assert response.status_code == 405
        assert "GET" in response.headers["Allow"]
    for path in (f"{PATH}/150", "/default_settings", "/currencies"):
        http.get(path, status=404)
    assert http.get(PATH) == before


def test_every_currency_can_be_a_clients(http: Http, currencies: list[dict[str, Any]]) -> None:
    for currency in currencies[::40] + currencies[-1:]:
        made = http.post("/clients", client={"name": "Acme", "currency_id": currency["id"]})["client"]
        assert made["currency"] == {"name": currency["name"], "symbol": currency["symbol"]}


STATEMENTS = {
    "invoices": ("invoice", {}),
    "estimates": ("estimate", {}),
    "recurring_profiles": ("recurring_profile", {"profile_name": "Rent", "start_date": "2100-01-01"}),
}


@by_row("root, more", STATEMENTS)
def test_yen_round_to_whole_units_and_show_two_zeros(http: Http, user: int, root: str, more: dict[str, Any]) -> None:
    client_id = http.post("/clients", client={"name": "Tokyo", "currency_id": 69})["client"]["id"]
    terms = {"discount": "12.5%", "tax": "8", "tax2": "1", "shipping": "33.5"}
    sent = {"client_id": client_id, "line_items_attributes": [LINE, LINE], **terms, **more}
    made = http.post(f"/{root}s", json={root: sent})[root]
    assert [line["total"] for line in made["line_items"]] == ["500.00", "500.00"]
    names = ("sub_total", "discount_amount", "tax_amount", "tax2_amount", "shipping_amount", "total_billed")
    assert [made[name] for name in names] == ["¥1000.00", "¥125.00", "¥70.00", "¥9.00", "¥34.00", "¥988.00"]


def test_three_decimals_are_kept_as_hundredths(http: Http, currencies: list[dict[str, Any]]) -> None:
    (dinar,) = [currency for currency in currencies if currency["name"] == "Kuwait, Dinars"]
    client_id = http.post("/clients", client={"name": "Kuwait", "currency_id": dinar["id"]})["client"]["id"]
    line = LINE | {"price": "1.005", "quantity": 1}
    made = http.post("/invoices", invoice={"client_id": client_id, "line_items_attributes": [line]})["invoice"]
    assert made["total_billed"] == f"{dinar['symbol']}1.01"


def test_a_users_own_currency_serves_where_none_is_sent(stranger: Http, database: Database) -> None:
    make_user(database, "tokyo", currency_id=69)
    auth = ("tokyo", "tokyo")
    client = stranger.post("/clients", auth=auth, client={"name": "Acme"})["client"]
    assert client["currency"] == {"name": "Japan, Yen", "symbol": "¥"}
    estimate = {"client_id": client["id"], "line_items_attributes": [LINE]}
    assert stranger.post("/estimates", auth=auth, estimate=estimate)["estimate"]["total_billed"] == "¥500.00"
