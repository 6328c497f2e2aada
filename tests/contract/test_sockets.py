"""What only shows on the wire: HTTP/1.0, framing, keep-alive, odd Host headers, secrets in the log."""

import json
import time
from socket import SHUT_WR

import pytest
from served import Server, read_reply, request
from shops import Shop
from tables import by_row

PAYMENT = b'{"payment":{"date":"2010-09-30","amount":"5.00"}}'
JSON_TYPE = "Content-Type: application/json"


def chunked(body: bytes, size: int = 7) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def test_s5_chunked_request_is_taken(server: Server, shop: Shop) -> None:
    for content_type, body in (
        ("application/json", PAYMENT),
        ("application/xml", b"<payment><date>2010-09-30</date><amount>5.00</amount></payment>"),
        ("application/x-www-form-urlencoded", b"payment[date]=2010-09-30&payment[amount]=5.00"),
    ):
        headers = (shop.authorization, "Transfer-Encoding: chunked", f"Content-Type: {content_type}")
        reply = server.call(f"POST {shop.payments}", *headers, body=chunked(body), length=False)
        assert reply.status == 201, reply
    assert [row["amount"] for row in shop.paid()] == ["5.00"] * 3


def test_s5_chunked_form_in_disguise_is_honoured(server: Server, shop: Shop) -> None:
    number = shop.pay("50.00")
    headers = (shop.authorization, "Transfer-Encoding: chunked", "Content-Type: application/x-www-form-urlencoded")
    body = chunked(b"_method=delete")
    reply = server.call(f"POST {shop.payments}/{number}", *headers, body=body, length=False)
    assert (reply.status, shop.paid()) == (200, [])


@by_row(
    "content_type, start",
    {
        "json": ("application/json", PAYMENT),
        "form": ("application/x-www-form-urlencoded", b"payment[date]=2010-09-30&payment[amount]=5.00&a="),
    },
)
def test_chunked_body_past_the_limit_is_413(server: Server, shop: Shop, content_type: str, start: bytes) -> None:
    """Cut off at the limit, the form would still be a valid one."""
    headers = (shop.authorization, "Transfer-Encoding: chunked", f"Content-Type: {content_type}")
    body = chunked(start.ljust(4 * 1024 * 1024 + 1), size=65536)
    reply = server.call(f"POST {shop.payments}", *headers, body=body, length=False)
    assert reply.status == 413, reply
    assert json.loads(reply.body)["status"] == 413
    assert shop.paid() == []


def test_post_without_length_or_body_is_read_as_empty(server: Server, shop: Shop) -> None:
    """Never 411: the PHP class posts like this."""
    reply = server.call(f"POST {shop.payments}", shop.authorization, JSON_TYPE)
    assert (reply.status, json.loads(reply.body)) == (
        422,
        [["date", "can't be blank"], ["amount", "can't be blank"]],
    )


@by_row(
    "suffix",
    {"json": ".json", "xml": ".xml", "none": ""},
)
def test_http_1_0_is_answered_whole_and_closed(server: Server, shop: Shop, suffix: str) -> None:
    shop.pay("50.00")
    asked = request(f"GET {shop.payments}{suffix}?api_token={shop.token}", f"Host: {server.host}", version="HTTP/1.0")
    head, _, body = server.until_close(asked).partition(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    assert lines[0].split(" ", 2)[1:] == ["200", "ok"]
    assert f"content-length: {len(body)}" in lines
    assert not [line for line in lines if line.startswith("transfer-encoding")]
    assert b"50.00" in body


def test_http_1_0_without_host_gets_a_location_from_the_servers_own_address(server: Server, shop: Shop) -> None:
    sent = request(
        f"POST {shop.payments}?api_token={shop.token}",
        JSON_TYPE,
        f"Content-Length: {len(PAYMENT)}",
        body=PAYMENT,
        version="HTTP/1.0",
    )
    reply = server.raw(sent)
    number = json.loads(reply.body)["payment"]["id"]
    assert (reply.status, reply.headers["location"]) == (201, f"http://{server.host}/payments/{number}")


@by_row(
    "host",
    {
        "empty": "",
        "blank-inside": "a b",
        "slash": "a/b",
        "at": "a@b",
        "markup": "<script>",
        "port-is-no-number": "a:b",
        "port-too-large": "a:99999",
        "not-ascii": "caf\xe9",
        "backslash": "a\\b",
        "two-colons": "a:1:2",
    },
)
def test_odd_host_never_spoils_the_location(server: Server, shop: Shop, host: str) -> None:
    """Either refused, readably, or the server's own address stands in."""
    headers = (shop.authorization, JSON_TYPE, "Connection: close", f"Content-Length: {len(PAYMENT)}")
    reply = server.raw(request(f"POST {shop.payments}", f"Host: {host}", *headers, body=PAYMENT))
    assert reply.status in (201, 400), reply
    if reply.status == 201:
        assert reply.headers["location"].startswith(f"http://{server.host}/payments/"), reply
    else:
        assert b"<html" not in reply.body.lower()
        assert shop.paid() == []


def test_connection_is_kept_for_the_next_request(server: Server, shop: Shop) -> None:
    """Also after a refusal whose body nobody asked for, and after answers without a body."""
    number = shop.pay("50.00")
    host = f"Host: {server.host}"
    body = ("Content-Length: 14", "Content-Type: application/x-www-form-urlencoded")
    asked = [
        (request(f"GET {shop.payments}.json", host, shop.authorization), 200),
        (request("POST /nonsense", host, *body, body=b"payment[a]=abc"), 401),
        (request(f"POST {shop.payments}.yaml", host, shop.authorization, *body, body=b"payment[a]=abc"), 406),
        (request(f"PUT {shop.payments}", host, shop.authorization, *body, body=b"payment[a]=abc"), 405),
        (request(f"HEAD {shop.payments}/{number}", host, shop.authorization), 200),
        (request(f"DELETE {shop.payments}/{number}.xml", host, shop.authorization), 200),
        (request(f"GET {shop.payments}/{number}", host, shop.authorization), 404),
    ]
    with server.connect() as connection:
        stream = connection.makefile("rb")
        for sent, status in asked:
            connection.sendall(sent)
            reply = read_reply(stream, head=sent.startswith(b"HEAD"))
            assert (reply.status, reply.closed) == (status, False), (sent, reply)


@pytest.mark.parametrize("name", ["api_token", "API_TOKEN", "api%5Ftoken", "%61pi_token", "x=1&api_token"])
def test_s4_token_stays_out_of_the_log(server: Server, shop: Shop, name: str) -> None:
    before = len(server.log)
    server.call(f"GET /invoices.json?{name}={shop.token}")
    deadline = time.monotonic() + 5
    while "/invoices" not in server.log[before:] and time.monotonic() < deadline:
        time.sleep(0.02)
    logged = server.log[before:]
    assert "/invoices" in logged
    assert shop.token not in logged


def test_two_requests_at_once_are_both_stored(server: Server, shop: Shop) -> None:
    """Two connections, both sent before either is read."""
    headers = (f"Host: {server.host}", shop.authorization, JSON_TYPE, f"Content-Length: {len(PAYMENT)}")
    sent = request(f"POST {shop.payments}", *headers, body=PAYMENT)
    with server.connect() as first, server.connect() as second:
        first.sendall(sent)
        second.sendall(sent)
        replies = [read_reply(each.makefile("rb")).status for each in (first, second)]
    assert replies == [201, 201]
    assert [row["balance"] for row in shop.paid()] == ["190.00", "190.00"]


@by_row(
    "content_type, cut",
    {
        "form": ("application/x-www-form-urlencoded", b"payment[date]=2010-09-30&payment[amount]=5"),
        "json": ("application/json", b'{"payment":{"date":"2010-09-30","amount":"5.00"}}'),
        "xml": ("application/xml", b"<payment><date>2010-09-30</date><amount>5.00</amount></payment>"),
    },
)
def test_a_body_that_breaks_off_is_not_stored(server: Server, shop: Shop, content_type: str, cut: bytes) -> None:
    """What came may well read like a whole: the amount was 500.00."""
    headers = (f"Host: {server.host}", shop.authorization, f"Content-Type: {content_type}")
    with server.connect() as connection:
        connection.sendall(request(f"POST {shop.payments}", *headers, f"Content-Length: {len(cut) + 5}", body=cut))
        connection.shutdown(SHUT_WR)
        assert b"201 CREATED" not in connection.makefile("rb").read()
    assert shop.paid() == []
