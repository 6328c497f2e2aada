"""What wrong guesses cost: after ten for a name, or thirty in all, an address is refused for the rest of the minute."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import thread_time

import pytest
import sqlalchemy as sa
from backends import Backend
from counting import hashed_passwords
from crowd import FourWorkers, Job, at_once, connections, stop
from databases import Database
from factories import make_user, token_of
from flask import Flask
from inprocess import basic
from tables import by_row
from werkzeug.test import TestResponse

from curdbee_compat import auth, create_app
from curdbee_compat.extensions import db
from curdbee_compat.models.base import now
from curdbee_compat.models.installation import LoginFailure
from curdbee_compat.models.user import token_digest

GOOD = ("demo", "demo")
BAD = ("demo", "wrong")
TOKEN = token_of("demo")
PER_NAME, PER_ADDRESS = 10, 30


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed meanwhile."""
    return hashed_passwords(monkeypatch)


@pytest.fixture
def behind_proxy(app: Flask, database: Database, instance: Path) -> Iterator[Flask]:
    """The same app, told that one proxy stands before it."""
    settings = {"CURDBEE_DATABASE_URL": database.url, "CURDBEE_INSTANCE": str(instance)}
    made = create_app({**settings, "CURDBEE_TRUSTED_PROXIES": "1"})
    yield made
    with made.app_context():
        db.engine.dispose()


def ask(
    app: Flask, credentials: tuple[str, str] | None, path: str = "/clients", address: str = "192.0.2.1", **headers: str
) -> TestResponse:
    """A request from an address."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if credentials:
        sent["Authorization"] = basic(*credentials)
    return app.test_client().get(path, headers=sent, environ_overrides={"REMOTE_ADDR": address})


def guess_tokens(app: Flask, count: int, address: str = "192.0.2.1") -> list[int]:
    """Wrong guesses under as many names; a token is never hashed slowly."""
    return [ask(app, None, f"/clients?api_token=guess-{number}", address).status_code for number in range(count)]


def guess_passwords(app: Flask, count: int, name: str = "demo") -> list[int]:
    return [ask(app, (name, f"wrong-{number}")).status_code for number in range(count)]


def age(database: Database, seconds: int) -> None:
    """Let time pass for every failure so far."""
    with database.engine.begin() as connection:
        connection.execute(sa.update(LoginFailure).values(at=now() - timedelta(seconds=seconds)))


def failures(database: Database) -> int:
    """How many are counted."""
    with database.engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(LoginFailure))


def test_the_eleventh_guess_at_a_name_is_refused_without_a_hash(app: Flask, user: int, hashed: list[str]) -> None:
    assert guess_passwords(app, PER_NAME) == [401] * PER_NAME
    assert len(hashed) == PER_NAME
    assert [ask(app, ("DEMO", "wrong")).status_code, ask(app, BAD).status_code] == [429, 429]
    assert len(hashed) == PER_NAME
    assert ask(app, ("demo@example.test", "wrong")).status_code == 401


@by_row(
    "path, headers, mimetype, body",
    {
        "json": ("/clients.json", {}, "application/json", b'{"status":429,"error":"Too Many Requests"}'),
        "xml": (
            "/clients.xml",
            {},
            "application/xml",
            b'<hash>\n  <status type="integer">429</status>\n  <error>Too Many Requests</error>\n</hash>',
        ),
        "xml-by-accept": ("/clients", {"Accept": "text/xml"}, "application/xml", b"<error>Too Many Requests</error>"),
        "unknown-path": ("/nothing.json", {}, "application/json", b'{"status":429,"error":"Too Many Requests"}'),
    },
)
def test_the_refusal_says_when_to_come_back_in_the_format_asked_for(
    app: Flask, user: int, database: Database, path: str, headers: dict[str, str], mimetype: str, body: bytes
) -> None:
    guess_tokens(app, PER_ADDRESS)
    age(database, 20)
    response = ask(app, BAD, path, **headers)
    assert (response.status_code, response.mimetype) == (429, mimetype)
    assert body in response.data
    assert 35 <= int(response.headers["Retry-After"]) <= 41
    assert response.headers["Cache-Control"] == "no-cache"


def test_thirty_guesses_from_one_address_are_enough_whatever_the_names(
    app: Flask, user: int, hashed: list[str]
) -> None:
    assert guess_tokens(app, PER_ADDRESS) == [401] * PER_ADDRESS
    assert guess_tokens(app, 1) == [429]
    assert ask(app, BAD).status_code == 429
    assert ask(app, ("nobody", "wrong")).status_code == 429
    assert ask(app, ("never-seen-token", "")).status_code == 429
    assert hashed == []


def test_a_right_credential_that_was_seen_before_still_passes(app: Flask, user: int, hashed: list[str]) -> None:
    assert ask(app, GOOD).status_code == 200
    computed = len(hashed)
    guess_tokens(app, PER_ADDRESS)
    assert ask(app, BAD).status_code == 429
    assert ask(app, GOOD).status_code == 200
    assert ask(app, None, f"/clients?api_token={TOKEN}").status_code == 200
    assert ask(app, (TOKEN, "")).status_code == 200
    assert len(hashed) == computed


def test_a_right_password_not_seen_before_waits_too(app: Flask, user: int, database: Database) -> None:
    """Else a guesser would be told when he is right."""
    password = secrets.token_hex(8)
    make_user(database, "ann", password)
    guess_tokens(app, PER_ADDRESS)
    assert ask(app, ("ann", password)).status_code == 429
    assert ask(app, ("ann", password), address="192.0.2.2").status_code == 200


def test_successes_and_anonymous_requests_are_not_counted(app: Flask, user: int, database: Database) -> None:
    password = secrets.token_hex(8)
    make_user(database, "ann", password)
    for _ in range(2):
        assert ask(app, None).status_code == 401
        assert ask(app, ("ann", password)).status_code == 200
        assert ask(app, None, f"/clients?api_token={TOKEN}").status_code == 200
    assert failures(database) == 0


def test_whoever_is_refused_does_not_queue_for_a_hash(app: Flask, user: int) -> None:
    guess_tokens(app, PER_ADDRESS)
    with ThreadPoolExecutor(1) as thread, auth.hashing:
        assert thread.submit(ask, app, BAD).result(timeout=10).status_code == 429


def test_other_addresses_are_unaffected_and_nobody_names_his_own(app: Flask, user: int) -> None:
    guess_tokens(app, PER_ADDRESS)
    assert ask(app, BAD, address="192.0.2.2").status_code == 401
    assert ask(app, BAD, X_Forwarded_For="198.51.100.7").status_code == 429


def test_a_trusted_proxy_names_the_address(behind_proxy: Flask, user: int) -> None:
    for number in range(PER_ADDRESS):
        response = ask(behind_proxy, None, f"/clients?api_token=guess-{number}", X_Forwarded_For="198.51.100.7")
        assert response.status_code == 401
    assert ask(behind_proxy, BAD, X_Forwarded_For="198.51.100.7").status_code == 429
    assert ask(behind_proxy, BAD, X_Forwarded_For="198.51.100.8").status_code == 401
    claimed = "198.51.100.9, 198.51.100.7"  # the first was written by the client, the last by the proxy
    assert ask(behind_proxy, BAD, X_Forwarded_For=claimed).status_code == 429


def test_the_window_ends(app: Flask, user: int, database: Database) -> None:
    guess_tokens(app, PER_ADDRESS)
    age(database, 57)
    assert ask(app, BAD).status_code == 429
    age(database, 61)
    assert ask(app, BAD).status_code == 401
    assert failures(database) == 1


def test_a_refusal_does_not_lengthen_the_window(app: Flask, user: int, database: Database) -> None:
    guess_tokens(app, PER_ADDRESS)
    age(database, 50)
    assert guess_tokens(app, 5) == [429] * 5
    assert int(ask(app, BAD).headers["Retry-After"]) <= 11
    assert failures(database) == PER_ADDRESS


def test_an_unknown_name_costs_what_a_wrong_password_costs(app: Flask, user: int, database: Database) -> None:
    make_user(database, "gone", disabled=True)
    took: dict[str, list[float]] = {"demo": [], "gone": [], "nobody": []}
    ask(app, BAD)
    for number in range(5):
        for name, times in took.items():
            began = thread_time()
            assert ask(app, (name, f"wrong-{number}")).status_code == 401
            times.append(thread_time() - began)
    known = median(took.pop("demo"))
    ratios = {name: median(times) / known for name, times in took.items()}
    assert all(0.5 < ratio < 2 for ratio in ratios.values()), ratios


def test_an_unknown_name_is_answered_as_a_wrong_password_is(app: Flask, user: int, database: Database) -> None:
    make_user(database, "gone", disabled=True)
    for path in ("/clients.json", "/clients.xml"):
        answers = [ask(app, (name, "wrong"), path) for name in ("demo", "gone", "nobody")]
        assert len({(answer.status, answer.data, str(answer.headers)) for answer in answers}) == 1


def test_names_and_passwords_are_not_kept(app: Flask, user: int, database: Database) -> None:
    ask(app, ("very-secret-name", "very-secret-password"))
    ask(app, None, "/clients?api_token=very-secret-token")
    with database.engine.connect() as connection:
        rows = connection.execute(sa.select(LoginFailure.__table__)).all()
    assert len(rows) == 2
    assert "secret" not in repr(rows)


@pytest.fixture(scope="module")
def started() -> Iterator[dict[str, FourWorkers]]:
    """What `served` has started, by kind of database."""
    made: dict[str, FourWorkers] = {}
    yield made
    stop(made.values())


@pytest.fixture
def served(started: dict[str, FourWorkers], backend: str, running: Backend, instance: Path) -> FourWorkers:
    """The app in four processes."""
    if backend not in started:
        started[backend] = FourWorkers(running, "throttle", instance)
    return started[backend]


@pytest.fixture
def ann(served: FourWorkers) -> str:
    """A user of that app, whom nobody has tried to be lately."""
    name = f"ann-{secrets.token_hex(4)}"
    make_user(served.database, name, "right", token_digest=token_digest(f"token-of-{name}"))
    with served.database.engine.begin() as connection:
        connection.execute(sa.delete(LoginFailure))
    return name


def test_the_eleventh_guess_is_refused_whichever_workers_had_the_others(served: FourWorkers, ann: str) -> None:
    with connections(served.server, PER_NAME + 1) as made:
        answers = [line.do(Job("GET", "/clients", (ann, "wrong"))) for line in made]
        assert [answer.status for answer in answers] == [401] * PER_NAME + [429]
        late = [line.do(Job("GET", "/clients", (ann, "wrong"))).status for line in made]
    assert late == [429] * len(late)


def test_guesses_at_once_are_counted_together(served: FourWorkers, ann: str) -> None:
    """One hash at a time in each process: at most the other three are under way when the tenth fails."""
    answers = at_once(served.server, [Job("GET", "/clients", (ann, f"wrong-{n}")) for n in range(40)])
    statuses = [answer.status for answer in answers]
    assert set(statuses) == {401, 429}
    assert PER_NAME <= statuses.count(401) <= PER_NAME + 3


def test_whoever_is_known_to_a_worker_passes_while_others_are_refused(served: FourWorkers, ann: str) -> None:
    right, wrong = Job("GET", "/clients", (ann, "right")), Job("GET", "/clients", (ann, "wrong"))
    failure = {"address": "127.0.0.1", "name_digest": token_digest(ann), "at": now()}
    with connections(served.server, 8) as made:
        assert [line.do(right).status for line in made] == [200] * 8
        with served.database.engine.begin() as connection:
            connection.execute(sa.insert(LoginFailure), [failure] * PER_NAME)
        assert [line.do(wrong).status for line in made] == [429] * 8
        assert [line.do(right).status for line in made] == [200] * 8
