"""Answers that are kept: a repeated read reads no rows, and never says what is no longer so.

What makes two reads differ is in test_caching.py, by their ETags."""

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import profiles
import pytest
from commands import Commands
from counting import statements
from databases import Database
from factories import make_client, make_invoice
from flask import Flask
from inprocess import Http
from tables import by_row

from curdbee_compat import caching, create_app
from curdbee_compat.caching import BESIDE, KEPT_BYTES, Bodies
from curdbee_compat.extensions import db
from curdbee_compat.models.base import today

OWN = {"X-Request-Id", "Date"}  # headers that are each request's own
Write = Callable[[], object]


class Answer(NamedTuple):
    """A read: how many statements it sent, and what came."""

    cost: int
    headers: dict[str, str]
    body: bytes


class Reader:
    """Reads whose statements are counted."""

    def __init__(self, app: Flask, http: Http) -> None:
        self._app = app
        self._http = http
        http.get("/default_settings/currencies")  # verifies the password

    def __call__(self, path: str, method: str = "GET", **headers: str) -> Answer:
        with statements(self._app) as sent:
            response = self._http.raw(method, path, headers=headers)
        assert response.status_code == 200, response.get_data(as_text=True)
        shown = {name: value for name, value in response.headers.items() if name not in OWN}
        return Answer(len(sent), shown, response.data)

    def bodies(self, paths: list[str]) -> dict[str, bytes]:
        """The bodies of all these."""
        return {path: self(path).body for path in paths}

    def costs(self, paths: list[str]) -> set[int]:
        """How many statements they sent."""
        return {self(path).cost for path in paths}


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> Bodies:
    """What this worker keeps: nothing yet."""
    monkeypatch.setattr(caching, "kept", Bodies(KEPT_BYTES))
    return caching.kept


@pytest.fixture
def read(app: Flask, http: Http) -> Reader:
    """Reads of the user's."""
    return Reader(app, http)


@pytest.fixture
def read_anew(read: Reader, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], dict[str, bytes]]:
    """Reads by a worker that keeps nothing."""

    def bodies(paths: list[str]) -> dict[str, bytes]:
        with monkeypatch.context() as patched:
            patched.setattr(caching, "kept", Bodies(0))
            return read.bodies(paths)

    return bodies


@pytest.fixture
def other_worker(database: Database, user: int, instance: Path) -> Iterator[Http]:
    """The same user's requests to another application on the same database."""
    app = create_app({"CURDBEE_DATABASE_URL": database.url, "CURDBEE_INSTANCE": str(instance)})
    yield Http(app, ("demo", "demo"))
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def paths(http: Http, client_id: int, invoice_id: int, payments: str, payment: str) -> list[str]:
    """Reads of what the writers change."""
    profiles.profile(http, today().isoformat(), client_id)
    return ["/invoices", "/invoices.xml", f"/invoices/{invoice_id}", payments, f"{payments}.xml", payment]


@pytest.fixture
def writers(
    http: Http, other_worker: Http, admin: Http, database: Database, instance: Path, payment: str
) -> dict[str, Write]:
    """Whoever can change what is read: each changes an invoice or its payment."""
    number = payment.rpartition("/")[2]
    below = payment.replace("/payments", "/invoice_payments")

    def by_sql(*sent: str) -> None:
        with database.engine.begin() as connection:
            for statement in sent:
                connection.exec_driver_sql(statement)

    def restored() -> None:
        with database.engine.connect() as connection:
            version = connection.exec_driver_sql("SELECT version FROM users WHERE name = 'demo'").scalar_one()
        by_sql(
            "UPDATE invoices SET notes = 'as they were'",
            f"UPDATE users SET version = {version} WHERE name = 'demo'",
            "UPDATE installation SET epoch = 'restored'",
        )

    return {
        "this worker": lambda: http.put(payment, payment={"amount": "51"}),
        "another worker": lambda: other_worker.put(payment, payment={"amount": "51"}),
        "the admin API": lambda: admin.put(f"/admin{below}", invoice_payment={"amount_cents": 5100}),
        "bill": lambda: Commands(database.url, instance)("bill"),
        "SQL": lambda: by_sql(f"UPDATE payments SET amount_cents = 5100 WHERE id = {number}"),
        "a restored backup": restored,
    }


@pytest.mark.parametrize(
    "writer", ["this worker", "another worker", "the admin API", "bill", "SQL", "a restored backup"]
)
def test_a_repeated_read_reads_no_rows_until_something_is_written(
    read: Reader,
    read_anew: Callable[[list[str]], dict[str, bytes]],
    paths: list[str],
    writers: dict[str, Write],
    writer: str,
) -> None:
    assert 1 not in read.costs(paths)
    before = read.bodies(paths)
    assert read.costs(paths) == {1}
    writers[writer]()
    assert 1 not in read.costs(paths)
    after = read.bodies(paths)
    assert read.costs(paths) == {1}
    assert after != before
    assert after == read_anew(paths)


def test_a_kept_answer_is_the_same_in_every_header(read: Reader, paths: list[str]) -> None:
    for path in paths:
        for method in ("GET", "HEAD"):
            assert read(path, method)[1:] == read(path, method)[1:]


def test_a_head_keeps_the_whole_body(read: Reader, paths: list[str]) -> None:
    for path in paths:
        head, whole = read(path, "HEAD"), read(path)
        assert (head.body, whole.cost, int(head.headers["Content-Length"])) == (b"", 1, len(whole.body))
        assert len(whole.body) > 1


def test_admin_reads_under_an_invoice_are_kept_until_it_changes(
    app: Flask, http: Http, admin: Http, payment: str
) -> None:
    read, path = Reader(app, admin), f"/admin{payment.replace('/payments', '/invoice_payments')}"
    below = path.rpartition("/")[0]
    before = read.bodies([path, below, f"{below}.xml"])
    assert read.costs(list(before)) == {2}  # whose invoice it is has to be read
    http.put(payment, payment={"amount": "51"})
    after = read.bodies(list(before))
    assert [body for path, body in after.items() if body == before[path]] == []


def test_what_belongs_to_many_users_is_not_kept(app: Flask, admin: Http, database: Database, invoice_id: int) -> None:
    read = Reader(app, admin)
    before = read("/admin/invoices").body
    assert read("/admin/invoices").cost == 2
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE invoices SET invoice_no = 'changed'")
    assert read("/admin/invoices").body != before


def test_each_user_is_told_what_is_his(app: Flask, read: Reader, stranger: Http, client_id: int) -> None:
    theirs = Reader(app, stranger)
    assert (b"Acme" in read("/clients").body, theirs("/clients").body) == (True, b"[]")
    stranger.post("/clients", client={"name": "Theirs"})
    assert (read("/clients").cost, b"Acme" in read("/clients").body) == (1, True)
    assert (b"Theirs" in theirs("/clients").body, b"Acme" in theirs("/clients").body) == (True, False)


def test_each_format_page_and_filter_is_kept_for_itself(read: Reader, database: Database, user: int) -> None:
    for _ in range(2):
        make_invoice(database, user, client_id=make_client(database, user))
    shapes = ["", ".xml", "?page=1&per_page=1", "?page=2&per_page=1", "?page=3&per_page=1", "?client=1", "?client=2"]
    asked = [f"/invoices{shape}" for shape in shapes] + ["/invoices/1", "/invoices/2", "/clients"]
    first = read.bodies(asked)
    assert (read.costs(asked), read.bodies(asked)) == ({1}, first)
    # What narrows to the same record is the same, whoever kept it first.
    assert first["/invoices?page=1&per_page=1"] == first["/invoices?client=1"]
    assert first["/invoices?page=2&per_page=1"] == first["/invoices?client=2"]
    assert len(set(first.values())) == len(asked) - 2
    as_accepted = [read("/invoices", Accept=wanted).body for wanted in ("text/xml", "application/json", "*/*")]
    assert as_accepted == [first["/invoices.xml"], first["/invoices"], first["/invoices"]]


def test_what_is_not_committed_is_not_told(read: Reader, database: Database, paths: list[str]) -> None:
    before = read.bodies(paths)
    with database.engine.connect() as other:
        other.exec_driver_sql("UPDATE payments SET amount_cents = 5100")
        assert (read.costs(paths), read.bodies(paths)) == ({1}, before)
        other.rollback()
        assert (read.costs(paths), read.bodies(paths)) == ({1}, before)
        other.exec_driver_sql("UPDATE payments SET amount_cents = 5200")  # the same version, for other rows
        other.commit()
    assert b"52.00" in read(paths[-1]).body


def test_what_was_refused_throws_nothing_away(read: Reader, http: Http, database: Database, paths: list[str]) -> None:
    before = read.bodies(paths)
    taken = {"invoice_no": "1", "client_id": 1, "line_items_attributes": []}
    assert http.raw("POST", "/invoices", invoice=taken).status_code == 422
    assert http.raw("PUT", paths[-1], payment={"amount": "x"}).status_code == 422
    assert (read.costs(paths), read.bodies(paths)) == ({1}, before)


@by_row("changed", {"another password": "password_hash = 'x'", "disabled": "disabled = (1 = 1)"})
def test_whoever_may_no_longer_read_is_not_told_what_was_kept(
    read: Reader, http: Http, database: Database, client_id: int, changed: str
) -> None:
    assert read.costs(["/clients"] * 2) == {1, 2}
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE users SET {changed}")
    assert http.raw("GET", "/clients").status_code == 401


def test_with_little_memory_every_answer_is_right(
    read: Reader, monkeypatch: pytest.MonkeyPatch, database: Database, user: int
) -> None:
    limit = 4000
    monkeypatch.setattr(caching, "kept", Bodies(limit))
    ids = [make_client(database, user, name=f"Client {number:03}") for number in range(40)]
    for _ in range(2):
        answers = [read(f"/clients/{id}") for id in ids]
        assert [f"Client {number:03}".encode() in answer.body for number, answer in enumerate(answers)] == [True] * 40
        held = [caching.kept.get(answer.headers["ETag"].strip('"')) for answer in answers]
        sizes = [len(body) for body in held if body is not None]
        assert 0 < sum(sizes) <= limit
        assert held[-len(sizes) :] == [answer.body for answer in answers[-len(sizes) :]]
        assert read(f"/clients/{ids[-1]}").cost == 1


def test_no_more_is_kept_than_the_limit_and_what_was_asked_for_last() -> None:
    bodies = Bodies(5 * (20 + BESIDE))
    for name in "abcde":
        bodies.keep(name, name.encode() * 20)
    assert bodies.get("a") == b"a" * 20
    bodies.keep("f", b"f" * 20)
    assert {name for name in "abcdef" if bodies.get(name)} == set("acdef")
    bodies.keep("g", b"g")
    assert {name for name in "acdefg" if bodies.get(name)} == set("cdefg")


def test_many_small_bodies_take_no_more_memory_than_large_ones() -> None:
    bodies, limit = Bodies(200_000), 200_000
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(5_000):
            bodies.keep(f"{number:032x}", b"x" * (number % 60 + 1))
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert limit / 2 < taken < limit * 1.3


def test_a_body_that_would_push_out_most_others_is_not_kept() -> None:
    bodies = Bodies(4 * (25 + BESIDE))
    for name in "abc":
        bodies.keep(name, b"x" * 25)
    bodies.keep("large", b"x" * 26)
    assert bodies.get("large") is None
    assert [bodies.get(name) for name in "abc"] == [b"x" * 25] * 3


def test_a_body_that_is_kept_again_counts_once() -> None:
    bodies = Bodies(4 * (25 + BESIDE))
    bodies.keep("other", b"o" * 25)
    for size in [25, 10] * 50:
        bodies.keep("same", b"s" * size)
        assert bodies.get("same") == b"s" * size
    for name in "ab":
        bodies.keep(name, b"x" * 25)
    assert [len(bodies.get(name) or b"") for name in ("other", "same", "a", "b")] == [25, 10, 25, 25]
