"""Statements to deliver, and the mails that come of it."""

from email import message_from_bytes
from email.policy import default
from typing import Any

import sqlalchemy as sa
from databases import Database
from inprocess import Http
from sqlalchemy.orm import Session

from curdbee_compat import outbox
from curdbee_compat.models.outgoing_mail import OutgoingMail

LINE = {"name_and_description": "Work", "price": "200.00", "quantity": 1}


def make(http: Http, kind: str, client: dict[str, Any] | None = None, **attributes: Any) -> dict[str, Any]:
    """A statement over 200.00 of a client with an address."""
    made = http.post("/clients", client={"name": "Acme", "email": "acme@example.test"} | (client or {}))
    sent = {"client_id": made["client"]["id"], "line_items_attributes": [LINE]} | attributes
    return http.post(f"/{kind}s", **{kind: sent})[kind]


def mails(database: Database) -> list[OutgoingMail]:
    """The outbox."""
    with Session(database.engine) as session:
        return list(session.scalars(sa.select(OutgoingMail).order_by(OutgoingMail.id)))


def written(mail: OutgoingMail) -> Any:
    """The message as a mail reader parses it."""
    return message_from_bytes(outbox.composed(mail, "Billing <billing@example.test>"), policy=default)


def deliver(http: Http, kind: str, made: dict[str, Any], status: int = 200, **delivery: Any) -> Any:
    return http.post(f"/deliver/{kind}/{made['id']}", json={"delivery": delivery}, status=status)
