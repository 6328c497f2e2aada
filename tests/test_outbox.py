"""Sending what is queued to a real SMTP server: what arrives, and what becomes of what is refused."""

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import Database
from mailserver import MailServer, serving
from outboxes import Outbox
from served import free_port
from tables import by_row

from curdbee_compat import create_app, outbox, tenancy
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


def test_a_mail_arrives_as_it_was_written(box: Outbox, mail_server: MailServer) -> None:
    text = "Dear K\u00e4sebier,\n\n.dot at the start\nFrom the start\n" + "long " * 300 + "\n\u4f1a\u793e\n"
    recipients, copies = ["a@b.test", "c@d.test"], ["secret@example.test", "a@b.test"]
    mail_id = box.put(
        *recipients,
        blind_copies=copies,
        text=text,
        html=f"<p>{text}</p>",
        reply_to="ann@example.test",
        subject="\u00d6",
    )
    assert box.send() == outbox.Pass(sent=1)
    [taken] = mail_server.taken
    assert (taken.sender, taken.recipients) == ("billing@example.test", [*recipients, "secret@example.test"])
    message = taken.message
    assert dict(message.items()) | {"Content-Type": None} == {
        "From": "Billing <billing@example.test>",
        "To": "a@b.test, c@d.test",
        "Reply-To": "ann@example.test",
        "Subject": "\u00d6",
        "Date": box.mail(mail_id).created_at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        "Message-ID": box.mail(mail_id).message_id,
        "MIME-Version": "1.0",
        "Content-Type": None,
    }
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message.get_body(["plain"]).get_content().replace("\r\n", "\n") == text
    assert message.get_body(["html"]).get_content().replace("\r\n", "\n").strip() == f"<p>{text}</p>"
    assert taken.content.isascii()
    assert max(map(len, taken.content.split(b"\r\n"))) <= 78
    assert b"secret@example.test" not in taken.content
    kept = box.mail(mail_id)
    assert (kept.state, kept.attempts, kept.last_error, kept.claimed_until) == ("sent", 1, None, None)
    assert kept.sent_at is not None


def test_what_was_sent_is_not_sent_again(box: Outbox, mail_server: MailServer) -> None:
    ids = [box.put() for _ in range(3)]
    assert box.send() == outbox.Pass(sent=3)
    assert box.send() == outbox.Pass()
    assert [taken.message["Message-ID"] for taken in mail_server.taken] == [box.mail(id).message_id for id in ids]


@by_row("answer", {"busy": "451 try later", "full": "452 full", "closing": "421 bye", "greylisted": "450 wait"})
def test_a_refusal_that_may_pass_is_tried_again_with_the_same_message_id(
    box: Outbox, mail_server: MailServer, answer: str
) -> None:
    mail_id = box.put()
    mail_server.answers = [answer]
    assert box.send() == outbox.Pass(postponed=1)
    first = box.mail(mail_id)
    assert (first.state, first.attempts, first.last_error) == ("queued", 1, answer)
    assert first.claimed_until is None
    assert datetime.timedelta(seconds=50) < first.next_attempt_at - now() <= datetime.timedelta(minutes=1)
    assert box.send() == outbox.Pass()
    box.due_now()
    assert box.send() == outbox.Pass(sent=1)
    assert mail_server.taken[0].message["Message-ID"] == first.message_id
    assert box.mail(mail_id).last_error is None


def test_the_same_mail_twice_has_one_message_id_and_one_date(box: Outbox, mail_server: MailServer) -> None:
    """As after a sender that died before it could note that the mail was taken."""
    mail_id = box.put()
    box.send()
    box.set(state="queued", created_at=datetime.datetime.fromisoformat("2010-09-25T12:00:00"))
    box.send()
    box.set(state="queued")
    box.send()
    heads = [(taken.message["Message-ID"], taken.message["Date"]) for taken in mail_server.taken]
    assert heads[1] == heads[2] == (box.mail(mail_id).message_id, "Sat, 25 Sep 2010 12:00:00 +0000")


def test_the_server_is_away(box: Outbox, mail_server: MailServer) -> None:
    """One mail finds that out; the others keep their attempts."""
    box.close()
    nobody = free_port()
    box.app = create_app(box.settings | {"CURDBEE_MAIL_PORT": str(nobody)})
    ids = [box.put() for _ in range(3)]
    told = f"127.0.0.1, port {nobody}: [Errno 111] Connection refused"
    assert box.send() == outbox.Pass(postponed=1, problem=told)
    kept = [box.mail(id) for id in ids]
    assert [(mail.attempts, mail.last_error) for mail in kept] == [(1, told), (0, None), (0, None)]


def test_waiting_gets_longer_and_ends(box: Outbox, mail_server: MailServer) -> None:
    mail_id = box.put()
    mail_server.answers = ["451 try later"] * 16
    waits = []
    for _ in range(15):
        assert box.send() == outbox.Pass(postponed=1)
        waits.append(round((box.mail(mail_id).next_attempt_at - now()) / datetime.timedelta(minutes=1)))
        box.due_now()
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, *[360] * 6]
    assert box.send() == outbox.Pass(failed=1)
    kept = box.mail(mail_id)
    assert (kept.state, kept.last_error) == ("failed", "given up after 16 attempts; 451 try later")
    assert mail_server.taken == []


@by_row(
    ("refused", "told"),
    {
        "recipient": ({"acme@example.test": "550 no such user"}, "acme@example.test: 550 no such user"),
        "sender": ({"billing@example.test": "553 not yours"}, "553 not yours"),
    },
)
def test_a_refusal_for_good(box: Outbox, mail_server: MailServer, refused: dict[str, str], told: str) -> None:
    mail_id = box.put()
    mail_server.refused = refused
    assert box.send() == outbox.Pass(failed=1)
    kept = box.mail(mail_id)
    assert (kept.state, kept.last_error, kept.sent_at) == ("failed", told, None)
    box.due_now()
    assert box.send() == outbox.Pass()


def test_a_message_refused_for_good_lets_the_next_one_through(box: Outbox, mail_server: MailServer) -> None:
    first, second = box.put(), box.put()
    mail_server.answers = ["554 looks like spam\x1b[31m"]
    assert box.send() == outbox.Pass(sent=1, failed=1)
    assert (box.mail(first).state, box.mail(first).last_error) == ("failed", "554 looks like spam [31m")
    assert box.mail(second).state == "sent"


def test_some_recipients_are_refused(box: Outbox, mail_server: MailServer) -> None:
    mail_id = box.put("a@b.test", "c@d.test", blind_copies=["e@f.test"])
    mail_server.refused = {"c@d.test": "550 no such user", "e@f.test": "452 full"}
    assert box.send() == outbox.Pass(sent=1)
    assert mail_server.taken[0].recipients == ["a@b.test"]
    kept = box.mail(mail_id)
    told = "refused for c@d.test: 550 no such user; e@f.test: 452 full"
    assert (kept.state, kept.last_error) == ("sent", told)


def test_all_recipients_are_refused_one_of_them_for_now(box: Outbox, mail_server: MailServer) -> None:
    box.put("a@b.test", "c@d.test")
    mail_server.refused = {"a@b.test": "550 no such user", "c@d.test": "452 full"}
    assert box.send() == outbox.Pass(postponed=1)


def test_a_row_that_would_add_a_header_is_not_sent(box: Outbox, mail_server: MailServer) -> None:
    """Nothing writes such rows; if one were there, it would not leave."""
    bcc = "\r\nBcc: x@y.test"
    ids = [box.put(reply_to=f"a@b.test{bcc}"), box.put(message_id=f"<a@b.test>{bcc}"), box.put(f"a@b.test{bcc}")]
    assert box.send() == outbox.Pass(failed=3)
    assert mail_server.taken == []
    for mail_id in ids:
        assert box.mail(mail_id).last_error.startswith("the mail cannot be written: ")


def test_line_ends_in_a_subject_stay_in_the_subject(box: Outbox, mail_server: MailServer) -> None:
    box.put(subject="Invoice\r\nBcc: x@y.test\n\nHello")
    assert box.send() == outbox.Pass(sent=1)
    [taken] = mail_server.taken
    assert "Bcc" not in taken.message
    assert taken.recipients == ["acme@example.test"]
    assert b"\r\nSubject: =?utf-8?" in taken.content


def test_the_outbox_shows_what_became_of_each(box: Outbox, mail_server: MailServer) -> None:
    first, second = box.put("a@b.test", "c@d.test", blind_copies=["e@f.test"], reply_to="ann@example.test"), box.put()
    mail_server.refused = {"acme@example.test": "550 no such user"}
    box.send()
    with tenancy.command(box.app):
        rows = [(row.id, row.state, row.attempts, row.recipients, row.last_error) for row in outbox.listed()]
        shown, missing = outbox.shown(first), outbox.shown(999)
    told = "acme@example.test: 550 no such user"
    assert rows == [
        (first, "sent", 1, ["a@b.test", "c@d.test"], None),
        (second, "failed", 1, ["acme@example.test"], told),
    ]
    assert missing is None
    kept = box.mail(first)
    assert shown.splitlines() == [
        "State: sent, attempts: 1",
        f"Sent: {kept.sent_at} UTC",
        "To: a@b.test, c@d.test",
        "Blind copies: e@f.test",
        "Reply-To: ann@example.test",
        "Subject: Invoice 1",
        f"Date: {kept.created_at} UTC",
        f"Message-ID: {kept.message_id}",
        "",
        "Dear Acme,",
    ]


def test_a_mail_that_waits_says_until_when(box: Outbox, mail_server: MailServer) -> None:
    mail_id = box.put()
    mail_server.answers = ["451 try later"]
    box.send()
    with tenancy.command(box.app):
        shown = outbox.shown(mail_id).splitlines()
    waiting = f"Next attempt: {box.mail(mail_id).next_attempt_at} UTC"
    assert shown[:3] == ["State: queued, attempts: 1", waiting, "Last error: 451 try later"]
