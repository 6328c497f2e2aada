"""Every route x {no credentials, wrong ones, another user, plain user, admin, disabled user} x {json, xml, none}."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from access import ALIKE, KNOWN, OPEN, OWN_LISTS
from actions import Asked, reads, route, writes
from backends import ON_SQLITE
from databases import Database
from factories import make_user
from flask import Flask
from inprocess import Http, basic
from kinds import body_of
from ledgers import ledger
from werkzeug.security import generate_password_hash
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from curdbee_compat import auth
from curdbee_compat.models.estimate import Estimate
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.models.payment import PaymentMethod
from curdbee_compat.models.user import User

pytestmark = ON_SQLITE  # both would take half a minute; who owns what, both are asked in `test_tenants`
RECORDS = 260  # of each kind: every change that succeeds has one of its own
ACTORS: dict[str, tuple[str, str] | None] = {
    "nobody": None,
    "wrong": ("demo", "wrong"),
    "disabled": ("disabled", "disabled"),
    "another": ("stranger", "stranger"),
    "owner": ("demo", "demo"),
    "admin": ("admin", "admin"),
}
FORMATS = {"json": ".json", "xml": ".xml", "none": ""}
TYPES = {"json": "application/json", "xml": "application/xml", "none": "application/json"}
QUICK = "scrypt:1024:8:1"  # of a hash that takes no tenth of a second, as a thousand of them are computed here


class Crowd:
    """The six, and what they send; from an address of its own each time, so that nobody is throttled."""

    def __init__(self, app: Flask) -> None:
        self._transport = Client(app, Response, use_cookies=False)
        self._addresses = count(1)

    def send(self, who: str, format: str, method: str, path: str, sent: Any = None, **headers: str) -> TestResponse:
        """One request."""
        if credentials := ACTORS[who]:
            headers["Authorization"] = basic(*credentials)
        [root, *more] = sent or [None]
        body = (
            {"json": sent}
            if more or not isinstance((sent or {}).get(root), dict)
            else body_of(root, sent[root], format)
        )
        data = {} if sent is None else body if "json" in body else {"data": body["xml"], "content_type": TYPES["xml"]}
        number = next(self._addresses)
        address = {"REMOTE_ADDR": f"10.0.{number // 250}.{number % 250}"}
        return self._transport.open(path, method=method, headers=headers, environ_overrides=address, **data)


@pytest.fixture
def crowd(app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    """All of them, and a ledger of the owner's with enough to change and to delete."""
    monkeypatch.setattr(auth, "NOBODY", generate_password_hash("nobody's", QUICK))
    for name, changes in {"demo": {}, "stranger": {}, "admin": {"admin": True}, "disabled": {"disabled": True}}.items():
        make_user(database, name, password_hash=generate_password_hash(name, QUICK), **changes)
    ledger(Http(app, ACTORS["owner"]), database, RECORDS)
    with database.engine.begin() as connection:
        connection.execute(sa.insert(PaymentMethod), [{"name": f"method {n}"} for n in range(RECORDS)])
    return Crowd(app)


def state(database: Database) -> Any:
    """Whatever a change would change: the versions of the users' data, the users and what is everybody's."""
    tables = (User.__table__, PaymentMethod.__table__)
    with database.engine.connect() as connection:
        return [connection.execute(sa.select(table).order_by(table.c.id)).all() for table in tables]


def requests() -> Iterable[tuple[str, tuple[int, int, int], Asked, str]]:
    """Each action with its row, its request and one of the methods that it stands for."""
    asked = reads() | writes(1)
    for action, row in KNOWN.items():
        for method in ALIKE.get(asked[action][0].method, [asked[action][0].method]):
            yield action, row, asked[action][0], method


def expected(who: str, row: tuple[int, int, int]) -> int:
    """The status in the table."""
    return dict(zip(("another", "owner", "admin"), row, strict=True)).get(who, 401)


def refusal(status: int, format: str) -> bytes:
    """The whole body of a refusal: nothing in it depends on what is there."""
    phrase = HTTPStatus(status).phrase
    if status == 422:
        return (
            b'[["client_id","is invalid"]]'
            if format != "xml"
            else (b'<?xml version="1.0" encoding="UTF-8"?>\n<errors>\n  <error>Client is invalid</error>\n</errors>\n')
        )
    if format != "xml":
        return f'{{"status":{status},"error":"{phrase}"}}'.encode()
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<hash>\n'
        f'  <status type="integer">{status}</status>\n  <error>{phrase}</error>\n</hash>\n'
    ).encode()


def chosen(asked: Asked, number: int) -> tuple[str, Any]:
    """Path and body for another record: the last id in the path is its, or a batch's only one."""
    if "batch" in asked.path:
        return asked.path, asked.sent | {"collection_selection": [number]}
    if asked.path.startswith("/admin/payment_methods") and asked.sent:  # no two have one name
        asked = asked._replace(sent={"payment_method": {"name": f"IOU {number}"}})
    return re.sub(r"/\d+(?=[^0-9]*$)", f"/{number}", asked.path), asked.sent


def wrong(response: TestResponse, method: str, status: int, format: str) -> list[Any]:
    """What is not as it shall be; for a refusal that is the body, too."""
    got: list[Any] = [response.status_code, response.mimetype if response.data else TYPES[format]]
    wanted: list[Any] = [status, TYPES[format]]
    if status >= 400:
        got += [response.data, "WWW-Authenticate" in response.headers]
        wanted += [b"" if method == "HEAD" else refusal(status, format), status == 401]
    return [] if got == wanted else [got, wanted]


def test_every_route_has_a_row(app: Flask) -> None:
    """So has every method of it, and every other URL of the same view."""
    urls = app.url_map.bind("localhost")
    sent = [(asked.path, method, route(action)) for action, _, asked, method in requests()]
    sent += [(path, method, "") for path in OPEN for method in ALIKE["GET"]]
    found = set()
    for path, method, endpoint in sent:
        rule, _ = urls.match(path, method, return_rule=True)
        assert endpoint in ("", rule.endpoint)
        found.add((rule.rule, method))
    there = {(rule.rule, method) for rule in app.url_map.iter_rules() for method in rule.methods}
    assert found == there - {("/static/<path:filename>", "OPTIONS")}  # Flask's own


def test_everybody_gets_what_the_table_says(app: Flask, crowd: Crowd, database: Database) -> None:
    found, numbers, before = [], count(3), state(database)
    for succeeding in (False, True):  # first all refusals: whatever they changed would be seen
        for action, row, asked, method in requests():
            for who in ACTORS:
                status = expected(who, row)
                if (status < 400) != succeeding:
                    continue
                for format, suffix in FORMATS.items():
                    number = next(numbers) if succeeding and method not in ("GET", "HEAD") else 1
                    path, sent = chosen(asked, number)
                    response = crowd.send(who, format, method, path + suffix, sent)
                    if problem := wrong(response, method, status, format):
                        found.append((action, method, who, format, *problem))
                    if who in ("another", "admin") and action in OWN_LISTS and method == "GET":
                        found += [(action, who, response.data)] * bool(records(response, format))
        if not succeeding:
            assert state(database) == before
    assert found == []
    assert state(database) != before


def records(response: TestResponse, format: str) -> bool:
    """Whether a list holds any."""
    return b"<id" in response.data if format == "xml" else response.data != b"[]"


def key_of(crowd: Crowd, database: Database, model: type[Invoice] | type[Estimate]) -> str:
    """The key of the first one, once it is delivered."""
    path, sent = f"/deliver/{model.__name__.lower()}/1", {"delivery": {"recipients": "a@b.test"}}
    assert crowd.send("owner", "json", "POST", path, sent).status_code == 200
    with database.engine.connect() as connection:
        return connection.scalars(sa.select(model.hash_key).where(model.id == 1)).one()


def test_what_is_open_is_the_same_for_all(crowd: Crowd, database: Database) -> None:
    keys = {"inv": key_of(crowd, database, Invoice), "est": key_of(crowd, database, Estimate)}
    before = state(database)

    def answer(who: str, kind: str, method: str, path: str) -> tuple[int, str, bytes]:
        with crowd.send(who, "json", method, path.replace("KEY", keys.get(path[1:4], "")), Accept=kind) as response:
            shown = response.data[:5] if response.mimetype == "application/pdf" else response.data
            return response.status_code, response.mimetype, shown

    kinds = ("application/json", "application/xml", "*/*")
    for path, mimetype in OPEN.items():
        for method in ALIKE["GET"]:
            [(*told, body)] = {answer(who, kind, method, path) for who in ACTORS for kind in kinds}
            assert [*told, body == b""] == [200, mimetype, method == "HEAD"], path
    assert state(database) == before
