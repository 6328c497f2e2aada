"""An outbox to fill, and an app that sends what is in it."""

import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from commands import Commands
from databases import Database
from factories import make_user
from mailserver import MailServer
from sqlalchemy.orm import Session

from curdbee_compat import create_app, outbox, tenancy
from curdbee_compat.extensions import db
from curdbee_compat.models.base import now
from curdbee_compat.models.outgoing_mail import OutgoingMail

SENDER = """
from curdbee_compat import create_app, outbox, tenancy
app = create_app()
with tenancy.command(app):
    outbox.send_due(app.config["MAIL_SERVER"])
"""
_numbers = count(1)


class Outbox:
    """The queue of an app that knows the mail server."""

    def __init__(self, database: Database, instance: Path, mail_server: MailServer, **settings: str) -> None:
        self.settings = {"CURDBEE_DATABASE_URL": database.url, "CURDBEE_INSTANCE": str(instance)}
        self.settings |= mail_server.settings(**settings)
        self.app = create_app(self.settings)
        self.database = database
        self.user_id = make_user(database, "ann")

    def put(self, *recipients: str, **values: Any) -> int:
        """Queue a mail. Returns its id."""
        mail = OutgoingMail(user_id=self.user_id, recipients=list(recipients or ["acme@example.test"]))
        plain = {
            "blind_copies": [],
            "reply_to": None,
            "subject": "Invoice 1",
            "text": "Dear Acme,\n",
            "html": "<p>Dear",
        }
        for name, value in ({"message_id": f"<{next(_numbers)}@example.test>"} | plain | values).items():
            setattr(mail, name, value)
        with Session(self.database.engine) as session:
            session.add(mail)
            session.commit()
            return mail.id

    def send(self) -> outbox.Pass:
        """Send what is due."""
        with tenancy.command(self.app):
            return outbox.send_due(self.app.config["MAIL_SERVER"])

    def mail(self, mail_id: int) -> OutgoingMail:
        """What stands in the table."""
        with Session(self.database.engine, expire_on_commit=False) as session:
            return session.get_one(OutgoingMail, mail_id)

    def set(self, **values: Any) -> None:
        """Change all rows, as time does."""
        with Session(self.database.engine) as session:
            session.execute(sa.update(OutgoingMail).values(**values))
            session.commit()

    def due_now(self) -> None:
        self.set(next_attempt_at=now())

    def process(self) -> subprocess.Popen[bytes]:
        """A sender of its own."""
        environ = Commands("", Path()).environ() | self.settings
        return subprocess.Popen([sys.executable, "-c", SENDER], env=environ)

    def close(self) -> None:
        with self.app.app_context():
            db.engine.dispose()
