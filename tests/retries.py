"""Requests under an Idempotency-Key, and what tells the answers to two of them apart."""

from typing import Any

from inprocess import Http
from werkzeug.test import TestResponse

GOOD = {"payment": {"date": "2010-09-30", "amount": "50.00", "payment_method": "cash"}}


def keyed(http: Http, path: str, key: str = "k1", method: str = "POST", **body: Any) -> TestResponse:
    """The answer to a request with a key; without a body it sends a payment."""
    return http.raw(method, path, headers={"Idempotency-Key": key}, **(body or {"json": GOOD}))


def same(first: TestResponse, second: TestResponse) -> bool:
    """Whether a client could not tell these answers apart."""
    names = ("Content-Type", "Location", "Content-Length")
    told = [(one.status, one.get_data(), [one.headers.get(name) for name in names]) for one in (first, second)]
    return told[0] == told[1]
