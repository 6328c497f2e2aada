"""`bill`, `outbox` and `certs` as whoever runs the server meets them, and the sender beside `serve`."""

import os
import signal
import time
from pathlib import Path

import mailserver
import profiles
import pytest
from commands import Commands
from databases import Database
from inprocess import Http
from served import Server, request

from curdbee_compat.models.base import today


@pytest.fixture
def run(database: Database, instance: Path) -> Commands:
    """Commands on the app's database."""
    return Commands(database.url, instance)


@pytest.fixture
def delivered(http: Http, invoice_id: int) -> int:
    """An invoice whose mail waits in the outbox."""
    deliver(http, invoice_id)
    return invoice_id


def deliver(http: Http, invoice_id: int) -> None:
    """Put a mail into the outbox."""
    http.post(f"/deliver/invoice/{invoice_id}", delivery={"recipients": "customer@example.test"}, status=200)


def test_bill_says_what_it_made_and_makes_nothing_twice(http: Http, run: Commands) -> None:
    start = today().replace(day=1).isoformat()
    profiles.profile(http, start, profile_name="Care", invoice_no="CARE")
    first, second = run("bill"), run("bill")
    assert f"{start} CARE-1 " in first.stdout
    assert first.stdout.endswith("1 invoice made.\n")
    assert second.stdout == "0 invoices made.\n"


def test_bill_refuses_a_day_that_is_none(run: Commands) -> None:
    assert "2026-02-30" in run("bill", "--date", "2026-02-30", status=2).stderr


def test_without_a_mail_server_nothing_leaves_and_the_outbox_says_so(run: Commands, delivered: int) -> None:
    listed = run("outbox", "list")
    assert "queued" in listed.stdout
    assert "customer@example.test" in listed.stdout
    assert "CURDBEE_MAIL_SERVER" in listed.stderr
    assert "CURDBEE_MAIL_SERVER" in run.refused("outbox", "send")


def test_a_mail_is_shown_whole(run: Commands, delivered: int) -> None:
    number = run("outbox", "list").stdout.split()[0]
    shown = run("outbox", "show", number).stdout
    assert "To: customer@example.test" in shown
    assert "/inv/" in shown
    assert "outbox list" in run.refused("outbox", "show", "999999")


def test_send_sends_what_is_due_once(database: Database, instance: Path, delivered: int) -> None:
    with mailserver.serving() as server:
        run = Commands(database.url, instance, **server.settings())
        assert run("outbox", "send").stdout == "1 sent, 0 to be tried again, 0 failed.\n"
        assert run("outbox", "send").stdout == "0 sent, 0 to be tried again, 0 failed.\n"
        assert [mail.recipients for mail in server.taken] == [["customer@example.test"]]


def test_a_mail_server_that_is_away_is_one_line(database: Database, instance: Path, delivered: int) -> None:
    run = Commands(database.url, instance, CURDBEE_MAIL_SERVER="127.0.0.1", CURDBEE_MAIL_PORT="1")
    sent = run("outbox", "send", status=1)
    assert sent.stdout == "0 sent, 1 to be tried again, 0 failed.\n"
    assert "127.0.0.1" in sent.stderr


def test_serve_sends_by_itself_whatever_becomes_of_its_workers(
    http: Http, database: Database, instance: Path, delivered: int
) -> None:
    with mailserver.serving() as mail:
        server = Server(database.url, instance, **mail.settings())
        try:
            wait_for(mail, 1)
            os.kill(server.processes[-1], signal.SIGABRT)  # as gunicorn does with one that has hung
            deliver(http, delivered)
            wait_for(mail, 2)
            assert server.raw(request("GET /healthz", f"Host: {server.host}")).status == 200
        finally:
            server.stop()
        assert [taken.recipients for taken in mail.taken] == [["customer@example.test"]] * 2
        assert "Invoice 1" in mail.taken[0].message["Subject"]
    assert "exited with code 1" in server.log
    assert "Traceback" not in server.log


def test_the_sender_ends_with_the_server_and_does_not_listen(database: Database, instance: Path) -> None:
    with mailserver.serving() as mail:
        server = Server(database.url, instance, **mail.settings())
        try:
            _, sender, worker = server.processes
            listening = [listens(process, server.port) for process in (sender, worker)]
        finally:
            server.stop()
    assert listening == [False, True]
    assert server.processes == []


def test_the_sender_ends_without_the_server_that_started_it(database: Database, instance: Path) -> None:
    with mailserver.serving() as mail:
        server = Server(database.url, instance, **mail.settings())
        try:
            first, sender, _ = server.processes
            os.kill(first, signal.SIGKILL)
            deadline = time.monotonic() + 10
            while sender in server.processes and time.monotonic() < deadline:
                time.sleep(0.1)
            assert sender not in server.processes
        finally:
            server.kill()


def wait_for(mail: mailserver.MailServer, count: int) -> None:
    """Return when so many mails were taken, or after a while."""
    deadline = time.monotonic() + 20
    while len(mail.taken) < count and time.monotonic() < deadline:
        time.sleep(0.1)


def listens(process: int, port: int) -> bool:
    """Whether a process has the socket open that listens there."""
    inodes = {
        f"socket:[{fields[9]}]"
        for fields in map(str.split, Path("/proc/net/tcp").read_text().splitlines())
        if fields[1].endswith(f":{port:04X}") and fields[3] == "0A"
    }
    files = [os.readlink(file) for file in Path(f"/proc/{process}/fd").iterdir()]
    return not inodes.isdisjoint(files)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_certs_makes_an_authority_once_and_a_certificate_for_each_name(run: Commands, tmp_path: Path) -> None:
    made = run("certs", "acme", "other", "--folder", str(tmp_path))
    authority = (tmp_path / "authority.pem").read_bytes()
    assert str(tmp_path / "acme.curdbee.com.pem") in made.stdout
    assert str(tmp_path / "other.curdbee.com.pem") in made.stdout
    run("certs", "third", "--folder", str(tmp_path))
    assert (tmp_path / "authority.pem").read_bytes() == authority
    assert "is no subdomain" in run.refused("certs", "a_b", "--folder", str(tmp_path))
