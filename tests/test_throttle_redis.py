"""Failed logins counted in Redis: as the database counts them, for all workers, and what happens when Redis is away."""

import secrets
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from backends import ON_SQLITE
from commands import Commands, one_line
from counting import hashed_passwords
from crowd import Job, connections
from databases import Database
from factories import make_user, token_of
from flask import Flask
from inprocess import basic
from redisserver import RedisServer
from served import Server, free_port
from tables import by_row
from werkzeug.test import TestResponse

from curdbee_compat import create_app, throttle
from curdbee_compat.config import ConfigError
from curdbee_compat.extensions import db
from curdbee_compat.models.installation import LoginFailure
from curdbee_compat.throttle import in_redis
from curdbee_compat.throttle.bounds import PER_ADDRESS, PER_NAME

pytestmark = ON_SQLITE
GOOD = ("demo", "demo")
BAD = ("demo", "wrong")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis of these tests' own."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.close()


@pytest.fixture
def redis(started: RedisServer) -> RedisServer:
    """The same, empty."""
    started.database.flushdb()
    return started


@pytest.fixture
def with_redis(redis: RedisServer, database: Database, instance: Path, user: int) -> Iterator[Flask]:
    """The app, told of that Redis."""
    settings = {"CURDBEE_DATABASE_URL": database.url, "CURDBEE_INSTANCE": str(instance)}
    app = create_app({**settings, "CURDBEE_REDIS_URL": redis.url})
    yield app
    with app.app_context():
        db.engine.dispose()


def test_no_connection_is_left_behind_by_the_look_at_it_when_a_server_starts(
    with_redis: Flask, redis: RedisServer
) -> None:
    with with_redis.app_context():
        before = len(redis.database.client_list())
        throttle.check()
        assert len(redis.database.client_list()) == before


def ask(
    app: Flask, credentials: tuple[str, str] | None, path: str = "/clients", address: str = "192.0.2.1"
) -> TestResponse:
    """A request from an address."""
    headers = {"Authorization": basic(*credentials)} if credentials else {}
    return app.test_client().get(path, headers=headers, environ_overrides={"REMOTE_ADDR": address})


def guess(app: Flask, count: int, name: str = "demo") -> list[int]:
    """The statuses of so many wrong guesses at a name."""
    return [ask(app, (name, f"wrong-{number}")).status_code for number in range(count)]


def guess_tokens(app: Flask, count: int) -> list[int]:
    """The statuses of guesses at as many names; a token is never hashed slowly."""
    return [ask(app, None, f"/clients?api_token=guess-{number}").status_code for number in range(count)]


def rows(database: Database) -> int:
    """How many failures the database counted."""
    with database.engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(LoginFailure))


def test_ten_guesses_at_a_name_are_enough(with_redis: Flask, database: Database) -> None:
    assert guess(with_redis, PER_NAME + 1) == [401] * PER_NAME + [429]
    assert ask(with_redis, ("DEMO", "wrong")).status_code == 429
    assert ask(with_redis, ("demo@example.test", "wrong")).status_code == 401
    assert ask(with_redis, BAD, address="192.0.2.2").status_code == 401
    assert rows(database) == 0


def test_thirty_guesses_of_an_address_are_enough(with_redis: Flask) -> None:
    assert guess_tokens(with_redis, PER_ADDRESS + 1) == [401] * PER_ADDRESS + [429]
    assert ask(with_redis, BAD).status_code == 429


def test_the_window_moves(with_redis: Flask, redis: RedisServer) -> None:
    assert guess_tokens(with_redis, PER_ADDRESS) == [401] * PER_ADDRESS
    redis.age(20)
    refused = ask(with_redis, BAD)
    assert (refused.status_code, refused.mimetype) == (429, "application/json")
    assert 35 <= int(refused.headers["Retry-After"]) <= 40
    assert guess_tokens(with_redis, 5) == [429] * 5  # they do not lengthen it
    redis.age(41)
    assert ask(with_redis, BAD).status_code == 401


@by_row("counted", {"in the database": "", "in Redis": "redis"})
def test_both_counts_are_alike(app: Flask, database: Database, redis: RedisServer, counted: str) -> None:
    """Name by name, in turns and in runs; the waits are those of the failures that fill the limit."""
    count = throttle.counting(redis.url if counted else "")
    waits = []
    with app.app_context():
        for number in range(PER_ADDRESS + 2):
            name = ("ann", "ben", f"name-{number}", "ann")[number % 4]
            wait = count.wait("192.0.2.1", name)
            waits.append(wait > 0)
            if not wait:
                count.add("192.0.2.1", name)
            assert 0 <= wait <= 60
        assert count.wait("192.0.2.2", "ann") == 0
    # ann has two of four turns: hers is refused from her eleventh on, which is turn 20.
    assert waits == [number >= 20 and number % 4 in (0, 3) for number in range(PER_ADDRESS + 2)]


def test_a_good_login_that_was_seen_before_asks_redis_nothing(
    with_redis: Flask, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = hashed_passwords(monkeypatch)
    assert ask(with_redis, GOOD).status_code == 200
    computed = len(hashed)
    before = redis.database.info("commandstats")
    calls = {name: stats["calls"] for name, stats in before.items() if name != "cmdstat_info"}
    for _ in range(5):
        assert ask(with_redis, GOOD).status_code == 200
        assert ask(with_redis, None, f"/clients?api_token={token_of('demo')}").status_code == 200
        assert ask(with_redis, (token_of("demo"), "")).status_code == 200
    after = redis.database.info("commandstats")
    assert {name: stats["calls"] for name, stats in after.items() if name != "cmdstat_info"} == calls
    assert len(hashed) == computed


def test_redis_holds_no_names_and_forgets(with_redis: Flask, redis: RedisServer) -> None:
    ask(with_redis, ("very-secret-name", "very-secret-password"))
    ask(with_redis, None, "/clients?api_token=very-secret-token")
    keys = redis.database.keys("*")
    assert len(keys) == 3
    assert all(0 < redis.database.ttl(key) <= 60 for key in keys)
    assert b"secret" not in b"".join([*keys, *(part for key in keys for part in redis.database.lrange(key, 0, -1))])


def test_while_redis_is_away_the_database_counts(
    with_redis: Flask,
    redis: RedisServer,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(in_redis, "PAUSE", 0.3)
    assert guess(with_redis, 2) == [401, 401]
    redis.stop()
    try:
        assert guess(with_redis, PER_NAME + 1) == [401] * PER_NAME + [429]
        assert ask(with_redis, GOOD, address="192.0.2.2").status_code == 200
        assert rows(database) == PER_NAME
        told = [record.getMessage() for record in caplog.records if record.name == in_redis.__name__]
        assert all("failed logins are counted in the database" in line and "\n" not in line for line in told)
        assert 1 <= len(told) <= 12  # not one for each login
    finally:
        redis.start()
    time.sleep(0.4)
    assert ask(with_redis, BAD).status_code == 401
    assert len(redis.database.keys("*")) == 2
    assert rows(database) == PER_NAME


def test_nobody_waits_long_for_a_redis_that_says_nothing(app: Flask, database: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, app.app_context():
        count = throttle.counting(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        began = time.monotonic()
        count.add("192.0.2.1", "ann")
        assert time.monotonic() - began < 4  # the library by itself would wait for five seconds, ten times
    assert rows(database) == 1


def test_a_redis_that_was_restarted_is_asked_at_once(with_redis: Flask, redis: RedisServer, database: Database) -> None:
    """Its kept connections are dead then."""
    assert guess(with_redis, 1) == [401]
    redis.stop()
    redis.start()
    assert guess(with_redis, 1) == [401]
    assert (len(redis.database.keys("*")), rows(database)) == (2, 0)


def test_all_workers_share_the_count(served_database: Database, redis: RedisServer, instance: Path) -> None:
    before, name = rows(served_database), f"ann-{secrets.token_hex(4)}"
    make_user(served_database, name, "right")
    server = Server(served_database.url, instance, workers=2, CURDBEE_REDIS_URL=redis.url)
    try:
        with connections(server, PER_NAME + 1) as made:
            answers = [line.do(Job("GET", "/clients", (name, "wrong"))).status for line in made]
    finally:
        server.stop()
    assert answers == [401] * PER_NAME + [429]
    assert rows(served_database) == before


@by_row(
    "url, reason",
    {
        "away": ("redis://:{secret}@127.0.0.1:{port}/0", "cannot count in the Redis of CURDBEE_REDIS_URL: "),
        "unknown": ("redis://:{secret}@redis.invalid/0", "cannot count in the Redis of CURDBEE_REDIS_URL: "),
        "wrong password": ("redis://:{secret}@127.0.0.1:{redis}/0", "cannot count in the Redis of CURDBEE_REDIS_URL: "),
        "no password": ("redis://127.0.0.1:{redis}/0", "cannot count in the Redis of CURDBEE_REDIS_URL: "),
        "no url": ("{secret}", "CURDBEE_REDIS_URL is not the URL of a Redis; write redis://HOST:6379/0"),
        "another kind": ("memcached://{secret}", "CURDBEE_REDIS_URL is not the URL of a Redis"),
        "a port that is none": ("redis://:{secret}@host:port/0", "CURDBEE_REDIS_URL is not the URL of a Redis"),
    },
)
def test_what_cannot_count_says_why_and_no_secret(backend: str, redis: RedisServer, url: str, reason: str) -> None:
    secret = secrets.token_hex(8)
    with pytest.raises(ConfigError) as refused:
        throttle.counting(url.format(secret=secret, port=free_port(), redis=redis.port)).check()
    assert str(refused.value).startswith(reason)
    assert secret not in str(refused.value)


def test_serve_does_not_start_without_its_redis(database: Database, instance: Path) -> None:
    port = free_port()
    commands = Commands(database.url, instance, CURDBEE_REDIS_URL=f"redis://:{secrets.token_hex(8)}@127.0.0.1:{port}/0")
    told = one_line(commands.process("serve", "--port", "0", status=1).stderr)
    assert told.startswith("cannot count in the Redis of CURDBEE_REDIS_URL: ")


def test_other_commands_do_not_need_it(database: Database, user: int, instance: Path) -> None:
    commands = Commands(database.url, instance, CURDBEE_REDIS_URL="redis://:hidden@127.0.0.1:1/0")
    assert "demo" in commands("user", "list").stdout
    assert "CURDBEE_REDIS_URL=redis://:***@127.0.0.1:1/0" in commands("config").stdout


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, database: Database, instance: Path) -> None:
    for name in ("curdbee_compat.throttle.in_redis", "limits"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    commands = Commands(database.url, instance, CURDBEE_REDIS_URL="redis://127.0.0.1/0")
    assert commands.refused("user", "list") == throttle.MISSING
    with pytest.raises(ConfigError):
        throttle.counting("redis://127.0.0.1/0")
