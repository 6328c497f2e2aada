"""A connection to Postgres that dies beside the commit: whoever has a key sends again, and it is done once."""

from typing import Any

import pytest
from databases import Database
from deaths import kill
from flask import Flask
from inprocess import Http
from retries import GOOD, keyed, same
from tables import by_row

from curdbee_compat.extensions import db
from curdbee_compat.postgres import Impatient

pytestmark = pytest.mark.parametrize("backend", ["postgres"], indirect=True)


@pytest.fixture
def dying(app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch, moment: str) -> list[int]:
    """The next commit ends the app's connections, before or after it. A list that then has how many they were."""
    killed: list[int] = []
    commit = Impatient.commit

    def told(connection: Impatient) -> None:
        if killed:
            commit(connection)
            return
        if moment == "after":
            commit(connection)
        killed.append(kill(database))
        connection.execute("SELECT 1")

    with app.app_context():
        db.engine.dispose()
    monkeypatch.setattr(Impatient, "commit", told)
    return killed


@by_row(
    "path, sent, listed, count",
    {
        "a payment": ("/invoices/1/payments", GOOD, "/invoices/1/payments", 1),
        "a client": ("/clients", {"client": {"name": "Ada"}}, "/clients", 2),
        "a copy": ("/invoices/1/duplicate", {}, "/invoices", 2),
    },
)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_write_whose_answer_was_lost_is_done_once(
    http: Http,
    payments: str,
    dying: list[int],
    moment: str,
    path: str,
    sent: Any,
    listed: str,
    count: int,
) -> None:
    lost = keyed(http, path, json=sent)
    assert (lost.status_code, lost.headers["Retry-After"], len(dying)) == (503, "1", 1)
    made = http.get(listed)
    assert len(made) == (count if moment == "after" else count - 1)
    again = keyed(http, path, json=sent)
    assert again.status_code == 201
    assert same(again, keyed(http, path, json=sent))
    assert http.get(listed)[-1] == again.get_json()
    assert len(http.get(listed)) == count
    if moment == "after":
        assert http.get(listed) == made
