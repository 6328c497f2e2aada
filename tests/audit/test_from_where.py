"""From which address a change came and by which request, as the line of that request in the log says it too."""

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import Database
from flask import Flask
from inprocess import basic
from tables import by_row

from curdbee_compat import create_app
from curdbee_compat.extensions import db

LINE = re.compile(r"POST '\S+' 201 .* (\S+) \[(\w{32})\]")
PAYMENT = {"payment": {"date": "2010-09-30", "amount": "1.00"}}
ITEM = {"item": {"name": "A", "price": "1.00"}}
Told = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def app_behind(database: Database, instance: Path) -> Iterator[Callable[[str], Flask]]:
    """Make another app on the same database, told that so many proxies stand before it."""
    made: list[Flask] = []

    def app_behind(proxies: str) -> Flask:
        settings = {"CURDBEE_DATABASE_URL": database.url, "CURDBEE_INSTANCE": str(instance)}
        made.append(create_app({**settings, "CURDBEE_TRUSTED_PROXIES": proxies}))
        return made[-1]

    yield app_behind
    for app in made:
        with app.app_context():
            db.engine.dispose()


@by_row(
    "proxies, forwarded, address",
    {
        "directly": ("0", None, "192.0.2.1"),
        "through a proxy": ("1", "198.51.100.7", "198.51.100.7"),
        "through a proxy, by IPv6": ("1", "2001:db8::7", "2001:db8::7"),
        "through two, one of them ours": ("1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        "through two of ours": ("2", "203.0.113.9, 198.51.100.7", "203.0.113.9"),
        "through one that is not ours": ("0", "198.51.100.7", "192.0.2.1"),
        "from what is no address": ("1", "x" * 100, "x" * 64),
    },
)
def test_the_trail_and_the_log_name_one_address_and_one_request(
    app_behind: Callable[[str], Flask],
    payments: str,
    told: Told,
    caplog: pytest.LogCaptureFixture,
    proxies: str,
    forwarded: str | None,
    address: str,
) -> None:
    caplog.set_level(logging.INFO, "curdbee_compat.requests")
    http = app_behind(proxies).test_client()
    headers = {"Authorization": basic("demo", "demo")} | ({"X-Forwarded-For": forwarded} if forwarded else {})
    for path, sent in (("/items", ITEM), (payments, PAYMENT)):
        http.post(path, json=sent, headers=headers, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    lines = [LINE.fullmatch(message) for message in caplog.messages]
    item, payment = [(line[1][:64], line[2]) for line in lines]
    assert item[0] == payment[0] == address
    assert item[1] != payment[1]
    assert [(entry["address"], entry["request_id"]) for entry in told()] == [item, payment, payment]


def test_each_of_many_requests_is_told_by_its_own(
    app: Flask, payments: str, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "curdbee_compat.requests")
    headers = {"Authorization": basic("demo", "demo")}
    for number in range(1, 5):
        address = {"REMOTE_ADDR": f"192.0.2.{number}"}
        app.test_client().post(payments, json=PAYMENT, headers=headers, environ_overrides=address)
    asked = [LINE.fullmatch(message).groups() for message in caplog.messages]
    assert [address for address, _ in asked] == [f"192.0.2.{number}" for number in range(1, 5)]
    assert [(entry["address"], entry["request_id"]) for entry in told()] == [one for one in asked for _ in range(2)]
