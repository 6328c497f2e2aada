"""Every invoice of a profile is made exactly once: by runs at once, and by runs that are killed and started again."""

import datetime
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import profiles
import pytest
import sqlalchemy as sa
from commands import Commands
from databases import Database
from flask import Flask
from inprocess import Http
from profiles import bill, iterations, profile

PROFILES, DAYS = 12, 8
UNTIL = f"2091-03-{DAYS:02}"


@pytest.fixture
def due(http: Http, stranger: Http) -> list[tuple[int, int, datetime.date]]:
    """Daily profiles of two users, some numbered by the main sequence. What they owe by `UNTIL`."""
    terms = {"frequency_term": "Daily", "save_as_draft": False}
    ids = []
    for who in (http, stranger):
        client_id = profiles.client(who)
        for number in range(PROFILES // 2):
            base = {"invoice_no": f"HOST{number}"} if number % 2 else {}
            ids.append(profile(who, "2091-03-01", client_id, **terms, **base))
    return [(id, day, datetime.date(2091, 3, day)) for id in ids for day in range(1, DAYS + 1)]


def test_runs_at_once_in_threads(
    app: Flask, http: Http, database: Database, due: list[tuple[int, int, datetime.date]]
) -> None:
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: bill(app, UNTIL), range(4)))
    assert sum(map(len, made)) == len(due)
    assert iterations(database) == due
    whole(database, len(due))


def test_runs_at_once_in_processes(
    database: Database, instance: Path, due: list[tuple[int, int, datetime.date]]
) -> None:
    running = [run(database, instance) for _ in range(3)]
    assert [one.wait(120) for one in running] == [0, 0, 0]
    assert iterations(database) == due
    whole(database, len(due))


def test_a_run_is_killed_and_started_again(
    app: Flask, database: Database, instance: Path, due: list[tuple[int, int, datetime.date]]
) -> None:
    for least in (5, 25):
        running = run(database, instance)
        deadline = monotonic() + 60
        while len(iterations(database)) < least:
            assert monotonic() < deadline
            sleep(0.005)
        running.kill()
        running.wait()
    made = len(iterations(database))
    assert 25 <= made < len(due)
    assert len(bill(app, UNTIL)) == len(due) - made
    assert iterations(database) == due
    whole(database, len(due))


def test_the_database_itself_refuses_a_second_invoice_of_a_date(app: Flask, http: Http, database: Database) -> None:
    profile(http, "2091-03-01")
    bill(app, "2091-03-01")
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE recurring_profiles SET iteration_no = 0, next_billing_date = start_date"))
    with pytest.raises(sa.exc.IntegrityError):
        bill(app, "2091-03-01")
    assert len(iterations(database)) == 1


def run(database: Database, instance: Path) -> subprocess.Popen[bytes]:
    """A run in a process of its own."""
    environ = Commands(database.url, instance).environ()
    return subprocess.Popen([sys.executable, "-c", profiles.RUN, UNTIL], env=environ)


def whole(database: Database, count: int) -> None:
    """Each has its line, its mail and its page, and no two of a user share a number."""
    with database.engine.connect() as connection:
        for counted in (
            "count(*) FROM invoice_line_items",
            "count(DISTINCT invoice_id) FROM invoice_line_items",
            "count(*) FROM outgoing_mails",
            "count(DISTINCT subject) FROM (SELECT user_id || subject AS subject FROM outgoing_mails) AS mails",
            "count(*) FROM invoices WHERE state = 'sent' AND hash_key IS NOT NULL AND total_cents = 2000",
        ):
            assert connection.execute(sa.text(f"SELECT {counted}")).scalar_one() == count, counted
