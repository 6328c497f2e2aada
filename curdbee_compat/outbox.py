"""Sending what is queued, each mail by one sender at a time, and showing the queue.

At least once: a mail counts as sent only when the server has taken it. A sender that dies in between leaves its claim,
which ends by itself; the mail then goes out again under the same Message-ID, so that readers see one."""

import datetime
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any

from flask import Flask
from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from curdbee_compat import smtp, tenancy
from curdbee_compat.extensions import begin_write, commit, db, rollback
from curdbee_compat.models.base import now
from curdbee_compat.models.outgoing_mail import FAILED, QUEUED, SENT, OutgoingMail

log = logging.getLogger("curdbee_compat.outbox")

FIRST_DELAY = datetime.timedelta(minutes=1)  # after the first attempt; doubled after each
LONGEST_DELAY = datetime.timedelta(hours=6)
MAX_ATTEMPTS = 16  # about two days
EXCHANGES = 20  # more than a sender has with a server for a mail, besides one for each address
POLL = 5  # seconds between looks at the queue
PAUSE = 60  # seconds after the server or the database was away


@dataclass
class Pass:
    """What became of the mails that were due. `problem`: why the server takes none, if so."""

    sent: int = 0
    postponed: int = 0
    failed: int = 0
    problem: str | None = None


def run_sender(app: Flask, stop: threading.Event) -> None:
    """Send what becomes due until `stop` is set; the mail at hand is finished. Needs a mail server configured."""
    while not stop.is_set():
        try:
            with tenancy.command(app):
                problem = send_due(app.config["MAIL_SERVER"], stop).problem
        except SQLAlchemyError as error:
            problem = type(error).__name__
            log.error("outbox: the database is away: %s", smtp.one_line(str(error).partition("\n")[0]))
        stop.wait(PAUSE if problem else POLL)


def send_due(server: smtp.Server, stop: threading.Event | None = None) -> Pass:
    """Send what is due now. Ends early where the server takes nothing: the rest keeps its attempts."""
    result = Pass()
    with smtp.Session(server) as session:
        while not (result.problem or (stop and stop.is_set())) and (mail := claim()):
            _attempt(mail, server, session, result)
    return result


def claim() -> OutgoingMail | None:
    """Take the mail that waits longest, for as long as sending it can last; committed, so that others see it."""
    db.session.remove()
    begin_write()
    moment = now()
    free = or_(OutgoingMail.claimed_until.is_(None), OutgoingMail.claimed_until <= moment)
    due = select(OutgoingMail).where(OutgoingMail.state == QUEUED, OutgoingMail.next_attempt_at <= moment, free)
    oldest = due.order_by(OutgoingMail.next_attempt_at, OutgoingMail.id).limit(1).with_for_update(skip_locked=True)
    mail = db.session.scalar(oldest)
    if mail is None:
        rollback()
        return None
    mail.attempts += 1
    mail.claimed_until = moment + claim_time(mail)
    commit()
    return mail


def claim_time(mail: OutgoingMail) -> datetime.timedelta:
    """Ten minutes, and half a minute for each address: no sender that lives takes longer."""
    return datetime.timedelta(seconds=smtp.TIMEOUT) * (EXCHANGES + len(envelope(mail)))


def envelope(mail: OutgoingMail) -> list[str]:
    """Everybody who gets it, once."""
    return list(dict.fromkeys([*mail.recipients, *mail.blind_copies]))


def _attempt(mail: OutgoingMail, server: smtp.Server, session: smtp.Session, result: Pass) -> None:
    """Send one and note what came of it."""
    try:
        refused = session.send(composed(mail, server.sender), envelope(mail))
    except smtp.Undeliverable as error:
        _fail(mail, str(error), result)
    except smtp.Postponed as error:
        if isinstance(error, smtp.Unreachable):
            result.problem = str(error)
        if mail.attempts >= MAX_ATTEMPTS:
            _fail(mail, f"given up after {mail.attempts} attempts; {error}", result)
        else:
            result.postponed += 1
            _note(mail, next_attempt_at=now() + delay(mail.attempts), last_error=str(error))
            log.warning("mail %d postponed: %s", mail.id, error)
    else:
        result.sent += 1
        _note(mail, state=SENT, sent_at=now(), last_error=f"refused for {refused}" if refused else None)
        log.info("mail %d sent%s", mail.id, f", but refused for {refused}" if refused else "")


def composed(mail: OutgoingMail, sender: str) -> bytes:
    """The message: the same date and Message-ID at every attempt, and nothing of the blind copies."""
    headers = {"From": sender, "To": ", ".join(mail.recipients), "Reply-To": mail.reply_to}
    headers |= {"Date": format_datetime(mail.created_at.replace(tzinfo=datetime.UTC)), "Message-ID": mail.message_id}
    present = {name: text for name, text in headers.items() if text}
    return smtp.composed(present, mail.subject, mail.text, mail.html)


def delay(attempts: int) -> datetime.timedelta:
    """How long to wait after so many attempts."""
    return min(FIRST_DELAY * 2 ** (attempts - 1), LONGEST_DELAY)


def _fail(mail: OutgoingMail, reason: str, result: Pass) -> None:
    result.failed += 1
    _note(mail, state=FAILED, last_error=reason)
    log.error("mail %d failed: %s", mail.id, reason)


def _note(mail: OutgoingMail, **values: Any) -> None:
    """Write down how an attempt ended. One that outlived its claim changes nothing, but that it sent the mail."""
    mine = [OutgoingMail.id == mail.id]
    if values.get("state") != SENT:
        mine += [OutgoingMail.attempts == mail.attempts, OutgoingMail.state == QUEUED]
    begin_write()
    db.session.execute(update(OutgoingMail).where(*mine).values(claimed_until=None, **values))
    commit()


def listed() -> Sequence[Any]:
    """Rows of id, created_at, state, attempts, recipients, subject and last_error, oldest first."""
    names = ("id", "created_at", "state", "attempts", "recipients", "subject", "last_error")
    return db.session.execute(select(*(getattr(OutgoingMail, name) for name in names)).order_by(OutgoingMail.id)).all()


def waiting() -> int:
    """How many are still to be sent."""
    return db.session.scalar(select(func.count()).where(OutgoingMail.state == QUEUED)) or 0


def shown(mail_id: int) -> str | None:
    """A mail as somebody at a terminal may read it: what became of it, then its headers and its text."""
    mail = db.session.get(OutgoingMail, mail_id)
    if mail is None:
        return None
    facts = {
        "State": f"{mail.state}, attempts: {mail.attempts}",
        "Sent": mail.sent_at and f"{mail.sent_at} UTC",
        "Next attempt": f"{mail.next_attempt_at} UTC" if mail.state == QUEUED else None,
        "Last error": mail.last_error,
        "To": ", ".join(mail.recipients),
        "Blind copies": ", ".join(mail.blind_copies),
        "Reply-To": mail.reply_to,
        "Subject": mail.subject,
        "Date": f"{mail.created_at} UTC",
        "Message-ID": mail.message_id,
    }
    return "\n".join([*(f"{name}: {value}" for name, value in facts.items() if value), "", mail.text])
