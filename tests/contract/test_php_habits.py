"""What CurdBeePHP 0.2 sends, byte for byte over a socket, for every resource, and what it can read of the answer."""

import json
from typing import Any

import pytest
from kinds import KINDS, LINE, Kind
from served import Server
from shops import Shop
from tables import by_row

STATEMENTS = {name: KINDS[name] for name in ("invoices", "estimates", "recurring_profiles")}


class Php:
    """The class: HTTP/1.0, always `.json`, JSON's type on everything, no length where there is no body.

    It reads until the server closes and splits at the first blank line. Chunks, an empty reason and a redirect are
    errors to it; a blank body is `True`."""

    def __init__(self, server: Server, shop: Shop) -> None:
        self._server, self._token = server, shop.token

    def send(self, method: str, path: str, value: Any = None, query: str = "") -> tuple[int, Any]:
        """The status, and what the class makes of the body."""
        body = b"" if value is None else json.dumps(value).encode()
        lines = [
            f"{method} {path}.json?api_token={self._token}{query} HTTP/1.0",
            f"Host: {self._server.host}",
            "Accept: text/json,text/html,text/plain,*/*",
            "Content-Type: application/json",
            *([f"Content-Length: {len(body)}"] if body else []),
            "Connection: close",
        ]
        answer = self._server.until_close("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        head, _, content = answer.partition(b"\r\n\r\n")
        status_line, *headers = head.decode("latin-1").split("\r\n")
        version, status, reason = status_line.split(" ", 2)
        assert version.startswith("HTTP/1.")
        assert reason.strip()
        names = {header.partition(":")[0].lower(): header.partition(":")[2].strip() for header in headers}
        assert "transfer-encoding" not in names
        assert names["content-length"] == str(len(content))
        return int(status), json.loads(content) if content.strip() else True


@pytest.fixture
def php(server: Server, shop: Shop) -> Php:
    """The class with the shop's token."""
    return Php(server, shop)


def at_the_shop(kind: Kind, shop: Shop) -> tuple[str, dict[str, Any]]:
    """Where the resource is for a shop, whose ids are its own, and what makes a record of it there."""
    created = kind.created | ({"client_id": shop.client_id} if "client_id" in kind.created else {})
    return kind.path.replace("/1/", f"/{shop.invoice_id}/"), created


@by_row("kind", KINDS)
def test_a_record_is_made_listed_changed_and_deleted(php: Php, shop: Shop, kind: Kind) -> None:
    path, created = at_the_shop(kind, shop)
    before = php.send("GET", path)[1]
    status, made = php.send("POST", path, {kind.root: created})
    assert (status, made[kind.root] | kind.shown) == (201, made[kind.root])
    member = f"{path}/{made[kind.root]['id']}"
    assert php.send("GET", path) == (200, [*before, made])
    assert php.send("GET", member) == (200, made)
    status, changed = php.send("PUT", member, {kind.root: kind.changed})
    assert (status, changed[kind.root] | kind.after) == (200, changed[kind.root])
    assert php.send("DELETE", member) == (200, True)
    assert php.send("GET", member)[0] == 404


@by_row("kind", KINDS)
def test_mistakes_are_pairs_and_an_object_without_fields_is_an_empty_array(php: Php, shop: Shop, kind: Kind) -> None:
    """It looks whether the first element is an array, and prints each pair. PHP's own JSON of no fields is `[]`."""
    path, created = at_the_shop(kind, shop)
    assert php.send("POST", path, {kind.root: []}) == (422, kind.missing)
    _, made = php.send("POST", path, {kind.root: created})
    member = f"{path}/{made[kind.root]['id']}"
    assert php.send("PUT", member, {kind.root: []}) == (200, made)
    assert php.send("PUT", member, {kind.root: kind.refused}) == (422, kind.pairs)
    assert php.send("GET", member) == (200, made)


@by_row("kind", STATEMENTS)
def test_every_update_of_a_statement_has_an_array_of_lines(php: Php, shop: Shop, kind: Kind) -> None:
    """Mostly an empty one. Its lines never have ids, so that they are appended, as Rails would."""
    path, created = at_the_shop(kind, shop)
    _, made = php.send("POST", path, {kind.root: created})
    member = f"{path}/{made[kind.root]['id']}"
    status, changed = php.send("PUT", member, {kind.root: {"notes": "n", "line_items_attributes": []}})
    assert (status, changed[kind.root]["notes"], changed[kind.root]["total_billed"]) == (200, "n", "$25.00")
    assert changed[kind.root]["line_items"] == made[kind.root]["line_items"]

    line = LINE | {"unit": "hours", "price": 5}
    status, changed = php.send("PUT", member, {kind.root: {"line_items_attributes": [line]}})
    assert (status, changed[kind.root]["total_billed"]) == (200, "$35.00")
    assert [row["unit"] for row in changed[kind.root]["line_items"]] == [None, "hours"]

    for element in php.send("GET", path)[1]:  # it walks through the client of each
        assert element[kind.root]["client"] == {"name": "Acme", "id": shop.client_id}
        assert isinstance(element[kind.root]["line_items"], list)


@pytest.mark.parametrize("name", ["invoices", "estimates"])
def test_actions_are_posts_without_a_body_or_its_length(php: Php, shop: Shop, name: str) -> None:
    kind = STATEMENTS[name]
    path, created = at_the_shop(kind, shop)
    number = php.send("POST", path, {kind.root: created})[1][kind.root]["id"]
    member = f"{path}/{number}"
    for action, state in (("close", "closed"), ("close", "closed"), ("reopen", "draft"), ("reopen", "draft")):
        assert php.send("POST", f"{member}/{action}") == (200, True)
        assert php.send("GET", member)[1][kind.root]["state"] == state
    status, copy = php.send("POST", f"{member}/duplicate")
    assert (status, copy[kind.root] | kind.shown) == (201, copy[kind.root])
    assert copy[kind.root]["id"] != number
    assert php.send("POST", f"{path}/999999/close")[0] == 404


def test_convert_answers_an_invoice_and_its_second_time_pairs(php: Php, shop: Shop) -> None:
    path, created = at_the_shop(KINDS["estimates"], shop)
    _, made = php.send("POST", path, {"estimate": created})
    member = f"{path}/{made['estimate']['id']}"
    status, invoice = php.send("POST", f"{member}/convert")
    assert (status, invoice["invoice"]["total_billed"]) == (201, "$25.00")
    status, pairs = php.send("POST", f"{member}/convert")
    assert (status, [isinstance(pair, list) for pair in pairs]) == (422, [True])


def test_pages_by_default_and_pages_asked_for(php: Php, shop: Shop) -> None:
    """Ten clients a page; twenty of the rest; payments whole."""
    for _ in range(21):
        php.send("POST", "/clients", {"client": {"name": "Zoe"}})
        php.send("POST", "/items", {"item": {"name": "Hour"}})
        shop.pay("1")
    counts = [len(php.send("GET", path)[1]) for path in ("/clients", "/items", shop.payments)]
    assert counts == [10, 20, 21]
    assert [len(php.send("GET", "/clients", query=f"&page={n}&per_page=10")[1]) for n in (1, 2, 3, 4)] == [10, 10, 2, 0]


def test_currencies_all_have_ids(php: Php) -> None:
    status, listed = php.send("GET", "/default_settings/currencies")
    assert status == 200
    currencies = [element["currency"] for element in listed]
    assert {tuple(currency) for currency in currencies} == {("id", "name", "symbol")}
    assert all(isinstance(currency["id"], int) and currency["id"] > 0 for currency in currencies)
    assert {"id": 150, "name": "United States of America, Dollars", "symbol": "$"} in currencies


def test_dates_with_slashes_are_taken(php: Php, shop: Shop) -> None:
    _, created = at_the_shop(KINDS["estimates"], shop)
    sent = created | {"date": "2011/02/03", "due_date": "2011/03/03"}
    _, made = php.send("POST", "/estimates", {"estimate": sent})
    assert (made["estimate"]["date"], made["estimate"]["due_date"]) == ("2011-02-03", "2011-03-03")
