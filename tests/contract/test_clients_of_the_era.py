"""Clients written against the original, over a real socket: what they send, and what they need to get back."""

import json
from typing import Any

import pytest
from served import Reply, Server, request
from shops import Shop
from tables import by_row

PHP_ACCEPT = "Accept: text/json,text/html,text/plain,*/*"


class Gem:
    """The CurdBee gem of March 2011: token in the query, a JSON Content-Type on everything, and no Accept.

    Reads end in .json and carry a page; writes have no suffix. It parses whatever comes back as JSON."""

    def __init__(self, server: Server, token: str) -> None:
        self._server, self._token = server, token

    def send(self, method: str, path: str, value: Any = None, more: str = "") -> tuple[int, Any]:
        line = f"{method} {path}?api_token={self._token}{more}"
        body = b"" if value is None else json.dumps(value).encode()
        reply = self._server.call(line, "Content-Type: application/json", body=body)
        return reply.status, json.loads(reply.body) if reply.body else None

    def read(self, path: str) -> tuple[int, Any]:
        return self.send("GET", f"{path}.json", more="&per_page=20&page=1")


@pytest.fixture
def gem(server: Server, shop: Shop) -> Gem:
    """The gem with the shop's token."""
    return Gem(server, shop.token)


def test_gem_pays_changes_and_deletes(gem: Gem, shop: Shop) -> None:
    assert gem.read(shop.payments) == (200, [])
    sent = {"payment": {"amount": 100.0, "date": "2010-09-30", "payment_method": "PayPal"}}
    status, made = gem.send("POST", shop.payments, sent)
    assert status == 201
    member = f"{shop.payments}/{made['payment']['id']}"
    assert gem.read(shop.payments) == (200, [made])
    assert gem.read(member) == (200, made)

    echo = {"payment": made["payment"] | {"amount": 150.0}}
    status, changed = gem.send("PUT", member, echo)
    assert (status, changed["payment"]["amount"], changed["payment"]["balance"]) == (200, "150.00", "50.00")
    assert changed["payment"]["created_at"] == made["payment"]["created_at"]
    assert gem.send("DELETE", member) == (200, None)
    assert gem.send("DELETE", member)[0] == 404
    assert gem.read(member)[0] == 404


def test_gem_shows_mistakes_by_joining_pairs(gem: Gem, shop: Shop) -> None:
    status, pairs = gem.send("POST", shop.payments, {"payment": {"amount": "abc", "date": ""}})
    joined = " ".join(word for pair in pairs for word in pair)
    assert (status, joined) == (422, "date can't be blank amount is not a number")
    number = shop.pay("50.00")
    assert gem.send("PUT", f"{shop.payments}/{number}", {"payment": {"amount": ""}}) == (
        422,
        [["amount", "can't be blank"]],
    )


def test_gem_keeps_clients_and_invoices(gem: Gem) -> None:
    status, client = gem.send("POST", "/clients", {"client": {"name": "Zoe", "email": "zoe@example.test"}})
    assert status == 201
    line = {"name_and_description": "Work", "quantity": 2, "price": 12.5}
    sent = {"client_id": client["client"]["id"], "line_items_attributes": [line], "discount": "10%"}
    status, invoice = gem.send("POST", "/invoices", {"invoice": sent})
    assert (status, invoice["invoice"]["total_billed"]) == (201, "$22.50")
    member = f"/invoices/{invoice['invoice']['id']}"
    status, changed = gem.send("PUT", member, {"invoice": invoice["invoice"] | {"notes": "Thanks"}})
    assert (status, changed["invoice"]["notes"], changed["invoice"]["total_billed"]) == (200, "Thanks", "$22.50")
    assert gem.read("/invoices") == (200, gem.read("/invoices")[1])
    assert changed in gem.read("/invoices")[1]
    assert gem.send("DELETE", member) == (200, None)
    assert gem.send("DELETE", f"/clients/{client['client']['id']}") == (200, None)


@by_row(
    "method, path",
    {
        "read": ("GET", "/invoices/999999.json"),
        "update": ("PUT", "/invoices/999999"),
        "delete": ("DELETE", "/invoices/999999"),
        "create-below": ("POST", "/invoices/999999/payments"),
    },
)
def test_gem_gets_a_404_that_it_can_parse(gem: Gem, method: str, path: str) -> None:
    """An HTML page would read as a failed connection."""
    assert gem.send(method, path, {} if method in ("PUT", "POST") else None)[0] == 404


def test_gem_gets_a_401_that_it_can_parse(server: Server) -> None:
    assert Gem(server, "wrong").read("/invoices")[0] == 401


class Php:
    """CurdBeePHP 0.2: HTTP/1.0, always .json, reads until the server closes, splits at the first blank line."""

    def __init__(self, server: Server, token: str) -> None:
        self._server, self._token = server, token

    def send(self, method: str, path: str, value: Any = None) -> tuple[int, Any]:
        """The status, and the parsed body, or True for a blank one; a status line without a reason is an error."""
        headers = [f"Host: {self._server.host}", PHP_ACCEPT, "Content-Type: application/json", "Connection: close"]
        body = b"" if value is None else json.dumps(value).encode()
        if value is not None:
            headers.append(f"Content-Length: {len(body)}")
        line = f"{method} {path}.json?api_token={self._token}"
        answer = self._server.until_close(request(line, *headers, body=body, version="HTTP/1.0"))
        head, _, content = answer.partition(b"\r\n\r\n")
        status_line = head.split(b"\r\n")[0].split(b" ", 2)
        assert status_line[2].strip(), "no reason phrase"
        assert b"transfer-encoding" not in head.lower()
        return int(status_line[1]), json.loads(content) if content.strip() else True


@pytest.fixture
def php(server: Server, shop: Shop) -> Php:
    """The class with the shop's token."""
    return Php(server, shop.token)


def test_php_pays_changes_and_deletes(php: Php, shop: Shop) -> None:
    status, made = php.send("POST", shop.payments, {"payment": {"amount": "40.00", "date": "2011/02/03"}})
    assert (status, made["payment"]["date"], made["payment"]["balance"]) == (201, "2011-02-03", "160.00")
    member = f"{shop.payments}/{made['payment']['id']}"
    assert php.send("GET", shop.payments) == (200, [made])
    status, changed = php.send("PUT", member, {"payment": {"amount": "45.00"}})
    assert (status, changed["payment"]["amount"]) == (200, "45.00")
    assert php.send("DELETE", member) == (200, True)
    assert php.send("GET", member)[0] == 404


def test_php_gets_every_payment_without_asking_for_pages(php: Php, shop: Shop) -> None:
    for _ in range(25):
        shop.pay("1.00")
    status, rows = php.send("GET", shop.payments)
    assert (status, len(rows)) == (200, 25)
    assert all(row["payment"]["id"] for row in rows)


@by_row("value", {"empty-list": {"payment": []}, "no-body": None})
def test_php_shows_pairs_where_nothing_was_set(php: Php, shop: Shop, value: Any) -> None:
    status, pairs = php.send("POST", shop.payments, value)
    assert status == 422
    shown = "".join(f"{attribute} {message}\n" for attribute, message in pairs)
    assert shown == "date can't be blank\namount can't be blank\n"


def test_php_updates_nothing_with_an_empty_list(php: Php, shop: Shop) -> None:
    number = shop.pay("50.00")
    status, same = php.send("PUT", f"{shop.payments}/{number}", {"payment": []})
    assert (status, same["payment"]["amount"]) == (200, "50.00")


def test_php_shows_why_a_body_was_malformed(server: Server, shop: Shop) -> None:
    headers = (PHP_ACCEPT, "Content-Type: application/json")
    reply: Reply = server.call(f"POST {shop.payments}.json?api_token={shop.token}", *headers, body=b"{")
    assert (reply.status, json.loads(reply.body)[0][0]) == (400, "base")
