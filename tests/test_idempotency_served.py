"""An Idempotency-Key holds for all workers, and a crash leaves the payment with its answer, or neither."""

import json
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

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


def told(reply: Reply) -> tuple[int, bytes, str | None]:
    return reply.status, reply.body, reply.headers.get("location")


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


def test_what_a_crash_left_unanswered_is_sent_again_and_done_once(
    mortal: Server, shop: Shop, served_database: Database, tmp_path: Path
) -> None:
    keys, answers = [f"through the crash {number}" for number in range(60)], dict[str, tuple[int, bytes, str | None]]()

    def send(server: Server, key: str) -> None:
        # An answer that is missing, or broken off at any place.
        with suppress(OSError, AttributeError, ValueError):
            reply = pay(server, shop, key)
            json.loads(reply.body)
            answers[key] = told(reply)

    with ThreadPoolExecutor(8) as threads:
        for key in keys:
            threads.submit(send, mortal, key)
        deadline = monotonic() + 10
        while len(answers) < 10 and monotonic() < deadline:
            sleep(0.001)
        mortal.kill()
    lost = [key for key in keys if key not in answers]
    assert 0 < len(lost) < len(keys)
    revived = Server(served_database.url, tmp_path, workers=2, port=mortal.port)
    try:
        for key in lost:
            send(revived, key)
        assert [told(pay(revived, shop, key)) for key in keys] == [answers[key] for key in keys]
    finally:
        revived.stop()
    assert {status for status, _, _ in answers.values()} == {201}
    made = {json.loads(body)["payment"]["id"] for _, body, _ in answers.values()}
    assert sorted(made) == sorted(row["id"] for row in shop.paid())
    assert len(made) == len(keys)
