"""Who is let in: by which names, passwords and tokens, at what cost, and from when on."""

import hmac
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from backends import Backend
from counting import hashed_passwords
from crowd import Job, connections
from databases import Database
from factories import kept_hash, make_user, token_of
from flask import Flask
from inprocess import Http, basic
from served import Server
from tables import by_row

from curdbee_compat import auth
from curdbee_compat.models.installation import LoginFailure
from curdbee_compat.models.user import User, token_digest

TOKEN = token_of("demo")
PASSWORD = "p: ä\u00df€ "  # colons and blanks are part of it


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed meanwhile."""
    return hashed_passwords(monkeypatch)


@pytest.fixture
def straße(database: Database) -> None:
    """A user whose name and email have more than one way to be written small."""
    make_user(database, "Straße", PASSWORD, email="Büro@Example.Test")


def status(http: Http, auth: tuple[str, str] | None = None, query: str = "", **sent: object) -> int:
    return http.raw("GET", f"/clients{query}", auth=auth, **sent).status_code


def change_user(database: Database, user_id: int, **values: object) -> None:
    """As another process does it."""
    with database.engine.begin() as connection:
        connection.execute(sa.update(User).where(User.id == user_id).values(**values))


@by_row(
    "name, password, expected",
    {
        "name": ("Straße", PASSWORD, 200),
        "name-in-upper-case": ("STRASSE", PASSWORD, 200),
        "name-in-lower-case": ("straße", PASSWORD, 200),
        "email": ("Büro@Example.Test", PASSWORD, 200),
        "email-in-upper-case": ("BÜRO@EXAMPLE.TEST", PASSWORD, 200),
        "password-in-upper-case": ("Straße", PASSWORD.upper(), 401),
        "password-without-its-blank": ("Straße", PASSWORD.strip(), 401),
        "no-password": ("Straße", "", 401),
        "password-of-another": ("Straße", "demo", 401),
        "name-of-another": ("demo", PASSWORD, 401),
        "part-of-the-name": ("Stra", PASSWORD, 401),
        "name-with-a-wildcard": ("Stra%", PASSWORD, 401),
        "empty-name": ("", PASSWORD, 401),
        "blank-name": (" ", PASSWORD, 401),
        "token-as-name": (token_of("Straße"), "", 200),
        "token-as-name-with-any-password": (token_of("Straße"), "anything", 200),
        "token-as-name-in-upper-case": (token_of("Straße").upper(), "", 401),
        "token-as-password": ("Straße", token_of("Straße"), 401),
    },
)
def test_name_or_email_in_any_case_with_the_exact_password_or_the_exact_token(
    http: Http, straße: None, name: str, password: str, expected: int
) -> None:
    assert status(http, (name, password)) == expected


def test_no_email_is_nobodys_name(http: Http, database: Database) -> None:
    make_user(database, "mailless", PASSWORD, email=None)
    assert [status(http, (name, PASSWORD)) for name in ("mailless", "None", "null", "")] == [200, 401, 401, 401]


@by_row(
    "query, authorization, body_token, expected",
    {
        "query": (f"?api_token={TOKEN}", None, None, 201),
        "body": ("", None, TOKEN, 201),
        "wrong-in-body": ("", None, "wrong", 401),
        "empty-in-body": ("", None, "", 401),
        "good-body-beside-wrong-query": ("?api_token=wrong", None, TOKEN, 401),
        "good-body-beside-wrong-header": ("", basic("demo", "wrong"), TOKEN, 401),
        "good-body-beside-malformed-header": ("", "Basic !!!!", TOKEN, 401),
        "good-body-beside-bearer": ("", f"Bearer {TOKEN}", TOKEN, 401),
        "good-query-beside-wrong-header": (f"?api_token={TOKEN}", basic("demo", "wrong"), None, 401),
        "good-query-beside-empty-pair": (f"?api_token={TOKEN}", basic("", ""), None, 401),
        "good-query-beside-bearer": (f"?api_token={TOKEN}", f"Bearer {TOKEN}", None, 401),
        "good-header-beside-wrong-tokens": ("?api_token=wrong", basic("demo", "demo"), "wrong", 201),
    },
)
@pytest.mark.parametrize("encoding", ["json", "form"])
def test_header_before_query_before_body(
    http: Http, query: str, authorization: str | None, body_token: str | None, expected: int, encoding: str
) -> None:
    token = {} if body_token is None else {"api_token": body_token}
    named = {"client[name]": "Acme"} if encoding == "form" else {"client": {"name": "Acme"}}
    headers = {"Authorization": authorization} if authorization else {}
    response = http.raw("POST", f"/clients{query}", auth=None, headers=headers, **{encoding: {**token, **named}})
    assert response.status_code == expected, response.data
    assert len(http.get("/clients")) == (expected == 201)


def test_a_token_and_a_remembered_password_are_compared_in_constant_time(
    http: Http, hashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[str, str]] = []

    class Told:
        """Instead of the module `hmac`, as far as it is used."""

        @staticmethod
        def compare_digest(one: str, other: str) -> bool:
            compared.append((one, other))
            return hmac.compare_digest(one, other)

    assert status(http, ("demo", "demo")) == 200
    hashed.clear()
    monkeypatch.setattr(auth, "hmac", Told)
    digest, stored = token_digest(TOKEN), kept_hash("demo")
    assert (status(http, (TOKEN, "")), compared) == (200, [(digest, digest)])
    compared.clear()
    assert (status(http, ("demo", "demo")), compared) == (200, [(digest, token_digest("demo")), (stored, stored)])
    compared.clear()
    assert status(http, ("demo", "wrong")) == 401
    assert compared == [(digest, token_digest("demo")), *[("", stored)] * 2]
    assert hashed == ["wrong"]


def test_whoever_names_nobody_costs_no_hash(http: Http, hashed: list[str]) -> None:
    headers = [
        None,
        basic("", ""),
        basic("", "demo"),
        "Basic",
        "Basic !!!!",
        f"Bearer {TOKEN}",
        'Digest username="demo", password="demo"',
    ]
    for value in headers:
        assert status(http, headers={"Authorization": value} if value else {}) == 401
    assert status(http, query="?api_token=wrong") == 401
    assert hashed == []


def test_a_right_password_is_hashed_once_and_a_wrong_one_still_refused(
    http: Http, database: Database, hashed: list[str]
) -> None:
    password = secrets.token_hex(8)
    make_user(database, "ann", password)
    assert [status(http, ("ann", password)) for _ in range(3)] == [200, 200, 200]
    assert hashed == [password]
    assert status(http, ("ann", "wrong")) == 401
    assert status(http, ("ann", "")) == 401
    assert hashed == [password, "wrong", ""]
    assert status(http, ("ann", password)) == 200
    assert len(hashed) == 3


def test_first_requests_at_once_wait_for_one_hash(app: Flask, user: int, database: Database, hashed: list[str]) -> None:
    password = secrets.token_hex(8)
    make_user(database, "ann", password)
    with ThreadPoolExecutor(5) as threads:
        asked = threads.map(lambda _: status(Http(app, None), ("ann", password)), range(5))
        assert list(asked) == [200] * 5
    assert hashed == [password]


def test_what_was_remembered_of_one_user_lets_no_other_in(http: Http, database: Database) -> None:
    password = secrets.token_hex(8)
    make_user(database, "ann", password)
    make_user(database, "bob")
    assert status(http, ("ann", password)) == 200
    assert status(http, ("bob", password)) == 401
    assert status(http, ("an", f"n{password}")) == 401


def test_a_changed_password_counts_at_once(http: Http, user: int, database: Database) -> None:
    assert status(http, ("demo", "demo")) == 200
    change_user(database, user, password_hash=kept_hash("new"))
    assert [status(http, ("demo", password)) for password in ("demo", "new")] == [401, 200]
    change_user(database, user, password_hash=kept_hash("demo"))
    assert [status(http, ("demo", password)) for password in ("demo", "new")] == [200, 401]


def test_a_new_token_counts_at_once(http: Http, user: int, database: Database) -> None:
    assert status(http, query=f"?api_token={TOKEN}") == 200
    change_user(database, user, token_digest=token_digest("new-token"))
    assert status(http, query=f"?api_token={TOKEN}") == 401
    assert status(http, (TOKEN, "")) == 401
    assert status(http, query="?api_token=new-token") == 200


def test_a_disabled_user_is_out_at_once_and_may_come_back(http: Http, user: int, database: Database) -> None:
    ways = [{"auth": ("demo", "demo")}, {"query": f"?api_token={TOKEN}"}, {"auth": (TOKEN, "")}]
    for disabled, expected in ((False, 200), (True, 401), (False, 200)):
        change_user(database, user, disabled=disabled)
        assert [status(http, **way) for way in ways] == [expected] * 3


def test_a_deleted_user_is_out_at_once(http: Http, database: Database) -> None:
    gone = make_user(database, "gone")
    assert status(http, ("gone", "gone")) == 200
    with database.engine.begin() as connection:
        connection.execute(sa.delete(User).where(User.id == gone))
    assert status(http, ("gone", "gone")) == 401


def test_a_login_that_names_two_users_lets_neither_in(http: Http, database: Database) -> None:
    """Exactly one row or 401: a name and an email share one namespace."""
    make_user(database, "sales@example.test", "first")
    make_user(database, "second", "second", email="Sales@Example.Test")
    assert [status(http, ("sales@example.test", password)) for password in ("first", "second")] == [401, 401]
    assert status(http, ("sales@example.test@example.test", "first")) == 200
    assert status(http, ("second", "second")) == 200
    assert status(http, query=f"?api_token={token_of('second')}") == 200


@pytest.fixture
def served_database(running: Backend) -> Database:
    """The database behind `server`."""
    return running.served_database


@pytest.fixture
def ann(server: Server, served_database: Database) -> int:
    """A user of the served app, where nobody has failed lately."""
    name = f"ann-{secrets.token_hex(4)}"
    with served_database.engine.begin() as connection:
        connection.execute(sa.delete(LoginFailure))
    return make_user(served_database, name, "old", token_digest=token_digest(f"token-of-{name}"))


def name_of(database: Database, user_id: int) -> str:
    with database.engine.connect() as connection:
        return connection.scalar(sa.select(User.name).where(User.id == user_id))


def test_a_changed_password_counts_at_once_in_every_worker(server: Server, served_database: Database, ann: int) -> None:
    name = name_of(served_database, ann)
    old, new = (Job("GET", "/clients", (name, password)) for password in ("old", "new"))
    with connections(server, 8) as made:
        assert [line.do(old).status for line in made] == [200] * 8
        change_user(served_database, ann, password_hash=kept_hash("new"))
        assert [line.do(old).status for line in made] == [401] * 8
        assert [line.do(new).status for line in made] == [200] * 8


def test_a_new_token_and_a_disabled_user_count_at_once_in_every_worker(
    server: Server, served_database: Database, ann: int
) -> None:
    name = name_of(served_database, ann)
    old, new = (Job("GET", f"/clients?api_token={token}") for token in (f"token-of-{name}", f"new-of-{name}"))
    with connections(server, 8) as made:
        assert [line.do(old).status for line in made] == [200] * 8
        change_user(served_database, ann, token_digest=token_digest(f"new-of-{name}"))
        assert [line.do(old).status for line in made] == [401] * 8
        assert [line.do(new).status for line in made] == [200] * 8
        change_user(served_database, ann, disabled=True)
        assert [line.do(new).status for line in made] == [401] * 8
