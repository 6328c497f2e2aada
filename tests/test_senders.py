"""Several senders at once, senders that die, one that runs on and on, and how they reach the mail server."""

import datetime
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from databases import Database
from mailserver import MailServer, serving, serving_encrypted
from outboxes import Outbox
from tables import by_row

from curdbee_compat import outbox, tenancy
from curdbee_compat.models.base import now


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """One that takes everything."""
    with serving() as server:
        yield server


@pytest.fixture
def box(database: Database, instance: Path, mail_server: MailServer) -> Iterator[Outbox]:
    """An empty outbox, before that server."""
    made = Outbox(database, instance, mail_server)
    yield made
    made.close()


def test_two_senders_at_once_share_nothing(box: Outbox, mail_server: MailServer) -> None:
    ids = [box.put() for _ in range(40)]
    with ThreadPoolExecutor(4) as threads:
        passes = list(threads.map(lambda _: box.send(), range(4)))
    assert sum(done.sent for done in passes) == 40
    assert sorted(taken.message["Message-ID"] for taken in mail_server.taken) == sorted(
        box.mail(id).message_id for id in ids
    )
    assert {box.mail(id).attempts for id in ids} == {1}


def test_two_processes_at_once_share_nothing(box: Outbox, mail_server: MailServer) -> None:
    ids = [box.put() for _ in range(30)]
    processes = [box.process() for _ in range(2)]
    assert [running.wait(60) for running in processes] == [0, 0]
    assert len(mail_server.taken) == 30
    assert {box.mail(id).state for id in ids} == {"sent"}


def test_a_killed_sender_leaves_a_claim_that_ends(box: Outbox, mail_server: MailServer) -> None:
    mail_id = box.put()
    mail_server.pause = 30
    running = box.process()
    assert mail_server.busy.wait(30)
    running.kill()
    running.wait()
    claimed = box.mail(mail_id)
    assert (claimed.state, claimed.attempts) == ("queued", 1)
    assert datetime.timedelta(minutes=9) < claimed.claimed_until - now() <= datetime.timedelta(minutes=10.5)
    mail_server.pause = 0
    assert box.send() == outbox.Pass()
    box.set(claimed_until=now())
    assert box.send() == outbox.Pass(sent=1)
    assert [taken.message["Message-ID"] for taken in mail_server.taken] == [claimed.message_id] * 2
    assert (box.mail(mail_id).state, box.mail(mail_id).attempts) == ("sent", 2)


def test_a_sender_that_outlived_its_claim_does_not_undo_what_another_did(box: Outbox, mail_server: MailServer) -> None:
    mail_id = box.put()
    mail_server.answers, mail_server.pause = ["550 too late"], 30
    with ThreadPoolExecutor(1) as thread:
        slow = thread.submit(box.send)
        assert mail_server.busy.wait(30)
        box.set(claimed_until=now())
        with tenancy.command(box.app):
            assert outbox.claim().id == mail_id
        mail_server.go_on.set()
        assert slow.result(30) == outbox.Pass(failed=1)
    assert (box.mail(mail_id).state, box.mail(mail_id).attempts) == ("queued", 2)


def test_a_running_sender_sends_what_comes_until_it_is_stopped(
    box: Outbox, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "POLL", 0.05)
    stop = threading.Event()
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(outbox.run_sender, box.app, stop)
        for number in range(1, 3):
            box.put()
            until(lambda number=number: len(mail_server.taken) == number)
        stop.set()
        running.result(30)
    box.put()
    assert len(mail_server.taken) == 2


def test_a_running_sender_outlives_a_database_that_is_away(
    box: Outbox, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outbox, "PAUSE", 0.05)
    with box.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE outgoing_mails RENAME TO hidden")
    stop = threading.Event()
    with ThreadPoolExecutor(1) as thread, caplog.at_level(logging.ERROR):
        running = thread.submit(outbox.run_sender, box.app, stop)
        until(lambda: "the database is away" in caplog.text)
        with box.database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE hidden RENAME TO outgoing_mails")
        box.put()
        until(lambda: len(mail_server.taken) == 1)
        stop.set()
        running.result(30)


def test_a_sender_that_is_stopped_leaves_the_rest(box: Outbox, mail_server: MailServer) -> None:
    ids = [box.put() for _ in range(3)]
    mail_server.pause = 30
    stop = threading.Event()
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(outbox.run_sender, box.app, stop)
        assert mail_server.busy.wait(30)
        stop.set()
        mail_server.go_on.set()
        running.result(30)
    assert [box.mail(id).state for id in ids] == ["sent", "queued", "queued"]
    assert [box.mail(id).attempts for id in ids] == [1, 0, 0]


LOGIN = {"CURDBEE_MAIL_USE_TLS": "true", "CURDBEE_MAIL_USERNAME": "shop", "CURDBEE_MAIL_PASSWORD": "secret"}


def test_encrypted_and_logged_in(
    database: Database, instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "mail.pem"))
    with serving_encrypted(tmp_path) as server, closing(Outbox(database, instance, server, **LOGIN)) as box:
        box.put()
        assert box.send() == outbox.Pass(sent=1)
        assert [taken.login for taken in server.taken] == ["shop"]


@by_row(
    ("settings", "trusted", "told"),
    {
        "wrong password": ({**LOGIN, "CURDBEE_MAIL_PASSWORD": "s3cret"}, True, "535 5.7.8 Authentication credentials"),
        "unknown certificate": (LOGIN, False, "certificate verify failed"),
        "no encryption": ({}, True, "530 Must issue a STARTTLS command first"),
    },
)
def test_a_server_that_does_not_let_us_in(
    database: Database,
    instance: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    trusted: bool,
    told: str,
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "mail.pem"))
    with serving_encrypted(tmp_path) as server, closing(Outbox(database, instance, server, **settings)) as box:
        mail_id = box.put()
        box.send()
        assert told in box.mail(mail_id).last_error
        assert "s3cret" not in box.mail(mail_id).last_error


def test_a_server_without_encryption_gets_no_password(database: Database, instance: Path) -> None:
    with serving() as server, closing(Outbox(database, instance, server, **LOGIN)) as box:
        box.put()
        result = box.send()
        assert (result.postponed, server.taken) == (1, [])
        assert "STARTTLS extension not supported" in result.problem


def until(true: Any) -> None:
    """Wait for it."""
    deadline = monotonic() + 30
    while not true():
        assert monotonic() < deadline
        sleep(0.02)
