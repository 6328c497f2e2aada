"""Clients that say nothing, send slowly or stop reading, far more than there are threads: nobody else notices."""

import re
import time

import pytest
from backends import ON_SQLITE
from served import Server, read_reply, request
from shops import Shop
from tables import by_row

from bench import crowds
from bench.crowds import Kind, crowd

HOST = "Host: ledger.test"
ALIVE = request("GET /healthz", HOST)
SIZES = {crowds.IDLE: 2000, crowds.DEAF: 30}
DEAF_FOR = 3  # seconds until their first answers are made and the buffers of the system are full


@ON_SQLITE
@by_row("kind", {kind.name: kind for kind in crowds.KINDS})
def test_others_are_served_beside_a_crowd(server: Server, shop: Shop, kind: Kind) -> None:
    """Two processes have eight threads. A new connection each time, or one that is kept."""
    with crowd(server.port, kind, min(SIZES.get(kind, 200), crowds.most())):
        time.sleep(DEAF_FOR if kind is crowds.DEAF else 1)
        began = time.monotonic()
        for _ in range(5):
            assert server.raw(ALIVE).status == 200
        assert shop.paid() == []
        with server.connect() as connection:
            for _ in range(20):
                connection.sendall(ALIVE)
                assert read_reply(connection.makefile("rb")).status == 200
        assert time.monotonic() - began < 3


@ON_SQLITE
def test_who_says_nothing_is_cut_off_after_a_while(server: Server) -> None:
    with server.connect() as silent:
        began = time.monotonic()
        assert silent.recv(1) == b""
        assert 4 < time.monotonic() - began < 9


@ON_SQLITE
def test_a_request_that_comes_byte_by_byte_is_answered(server: Server, shop: Shop) -> None:
    body = b'{"payment":{"date":"2010-09-30","amount":"5.00"}}'
    headers = (HOST, shop.authorization, "Content-Type: application/json", f"Content-Length: {len(body)}")
    with server.connect() as connection:
        for byte in request(f"POST {shop.payments}", *headers, body=body):
            connection.sendall(bytes([byte]))
            time.sleep(0.002)
        assert read_reply(connection.makefile("rb")).status == 201
    assert [row["amount"] for row in shop.paid()] == ["5.00"]


@ON_SQLITE
def test_chunks_that_come_in_pieces_are_joined(server: Server, shop: Shop) -> None:
    headers = (HOST, shop.authorization, "Content-Type: application/json", "Transfer-Encoding: chunked")
    parts = [b'{"payment":{"date":', b'"2010-09-30",', b'"amount":"5.00"}}']
    body = b"".join(b"%X;ext=1\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    sent = request(f"POST {shop.payments}", *headers, body=body)
    with server.connect() as connection:
        stream = connection.makefile("rb")
        for start in range(0, len(sent), 5):
            connection.sendall(sent[start : start + 5])
            time.sleep(0.002)
        assert read_reply(stream).status == 201
        connection.sendall(ALIVE)
        assert read_reply(stream).status == 200


@ON_SQLITE
def test_requests_sent_together_are_answered_in_turn(server: Server) -> None:
    with server.connect() as connection:
        missing = request("GET /nothing", HOST)
        connection.sendall(ALIVE + missing + ALIVE + missing[:10])
        stream = connection.makefile("rb")
        assert [read_reply(stream).status for _ in range(3)] == [200, 401, 200]
        connection.sendall(missing[10:])
        assert read_reply(stream).status == 401


@ON_SQLITE
@by_row("apart", {"a body of its own": True, "a body at once": False})
def test_who_waits_for_100_gets_it_once(server: Server, shop: Shop, apart: bool) -> None:
    body = b'{"payment":{"date":"2010-09-30","amount":"5.00"}}'
    headers = (HOST, shop.authorization, "Content-Type: application/json", "Connection: close")
    head = request(f"POST {shop.payments}", *headers, f"Content-Length: {len(body)}", "Expect: 100-continue")
    with server.connect() as connection:
        stream = connection.makefile("rb")
        connection.sendall(head if apart else head + body)
        assert stream.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert stream.readline() == b"\r\n"
        if apart:
            connection.sendall(body)
        rest = stream.read()
    assert re.findall(rb"HTTP/1.1 (\d+)", rest) == [b"201"]


@ON_SQLITE
def test_who_reads_late_gets_all_of_it(server: Server) -> None:
    """More than the buffers of the system take."""
    asked, many = request("GET /openapi.json", HOST), 60
    whole = server.raw(asked).body
    assert len(whole) * many > 8_000_000
    with server.connect() as connection:
        connection.sendall(asked * many)
        time.sleep(2)
        stream = connection.makefile("rb")
        for _ in range(many):
            assert read_reply(stream).body == whole


@ON_SQLITE
def test_what_is_no_chunk_is_refused_at_once(server: Server) -> None:
    began = time.monotonic()
    answer = server.until_close(request("POST /invoices", HOST, "Transfer-Encoding: chunked", body=b"zz\r\nabc"))
    assert b"201" not in answer.split(b"\r\n")[0]
    assert time.monotonic() - began < 4


@ON_SQLITE
@pytest.mark.parametrize("length", ["-1", "+5", "5, 5", "5x", "9" * 30])
def test_a_length_that_is_none_is_refused_at_once(server: Server, length: str) -> None:
    began = time.monotonic()
    answer = server.until_close(request("POST /invoices", HOST, f"Content-Length: {length}", body=b"{}"))
    assert answer.split(b" ")[1:2] in ([b"400"], [b"413"]), answer
    assert time.monotonic() - began < 4


@ON_SQLITE
def test_who_waits_for_100_behind_another_request_gets_it(server: Server, shop: Shop) -> None:
    body = b'{"payment":{"date":"2010-09-30","amount":"5.00"}}'
    headers = (HOST, shop.authorization, "Content-Type: application/json", f"Content-Length: {len(body)}")
    with server.connect() as connection:
        stream = connection.makefile("rb")
        connection.sendall(ALIVE + request(f"POST {shop.payments}", *headers, "Expect: 100-continue"))
        assert [read_reply(stream).status, stream.readline()] == [200, b"HTTP/1.1 100 Continue\r\n"]
        stream.readline()
        connection.sendall(body)
        assert read_reply(stream).status == 201
