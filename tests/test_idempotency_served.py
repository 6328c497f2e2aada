"""An Idempotency-Key holds for all workers, and a crash leaves the payment with its answer, or neither."""

import json
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from databases import Database
from served import Reply, Server
from shops import Shop

BODY = json.dumps({"payment": {"date": "2010-09-30", "amount": "50.00"}}).encode()


@pytest.fixture
def mortal(served_database: Database, tmp_path: Path) -> Iterator[Server]:
    """A server of this test's own, with two workers, on the database that the others serve too."""
    made = Server(served_database.url, tmp_path, workers=2)
    yield made
    made.stop()


def pay(server: Server, shop: Shop, key: str) -> Reply:
    """A payment of 50.00 under the key."""
    headers = (shop.authorization, "Content-Type: application/json", f"Idempotency-Key: {key}")
    return server.call(f"POST {shop.payments}", *headers, body=BODY)


def told(reply: Reply) -> tuple[int, bytes, str]:
    return reply.status, reply.body, reply.headers["location"]


def test_at_once_in_several_workers_it_is_done_once(mortal: Server, shop: Shop) -> None:
    for _ in range(5):
        before, key = len(shop.paid()), secrets.token_hex(8)
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda _, key=key: told(pay(mortal, shop, key)), range(8)))
        assert answers == answers[:1] * 8
        assert answers[0][0] == 201
        assert len(shop.paid()) == before + 1


def test_after_a_crash_the_answer_is_still_there(mortal: Server, server: Server, shop: Shop) -> None:
    first = told(pay(mortal, shop, "before the crash"))
    mortal.kill()
    assert told(pay(server, shop, "before the crash")) == first
    assert len(shop.paid()) == 1
