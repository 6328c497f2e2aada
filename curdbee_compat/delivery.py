"""Putting a statement's mail in the outbox and giving the statement its public page; sends nothing itself."""

from collections.abc import Sequence
from email.utils import make_msgid

from flask import current_app, has_request_context, render_template
from marshmallow import ValidationError

from curdbee_compat import smtp, wire
from curdbee_compat.extensions import db
from curdbee_compat.models.numbered import NumberedStatement
from curdbee_compat.models.outgoing_mail import OutgoingMail
from curdbee_compat.models.user import User
from curdbee_compat.money import formatted
from curdbee_compat.schemas.delivery import DeliverySchema
from curdbee_compat.schemas.fields import BLANK

PAGES = {"invoices": "inv", "estimates": "est"}  # where the public page of each table's rows is


def deliver(statement: NumberedStatement, recipients: Sequence[str] = (), blind_copy: Sequence[str] = ()) -> None:
    """Queue the mail to these addresses, or to the client's own, and count the statement as sent.

    ValidationError where there is no usable address. The caller holds the owner's lock and commits."""
    addresses = list(recipients) or own_addresses(statement)
    db.session.flush()
    statement.deliver()
    user = db.session.get_one(User, statement.user_id)
    kind = statement.__tablename__.removesuffix("s")
    values = {
        "kind": kind,
        "number": smtp.one_line(statement.number),
        "sender": smtp.one_line(user.name),
        "client": smtp.one_line(statement.client.name),
        "total": formatted(statement.total_cents, statement.currency_symbol),
        "due": formatted(statement.due_cents, statement.currency_symbol),
        "due_date": statement.due_date,
        "url": permalink(statement),
    }
    mail = OutgoingMail(user_id=user.id, recipients=addresses, blind_copies=list(blind_copy))
    mail.reply_to = user.email if user.email and smtp.is_address(user.email) else None
    mail.subject = f"{kind.capitalize()} {values['number']} from {values['sender']}"
    mail.text, mail.html = render_template("mail.txt", **values), render_template("mail.html", **values)
    mail.message_id = make_msgid(domain="curdbee-compat.invalid")
    db.session.add(mail)


def own_addresses(statement: NumberedStatement) -> list[str]:
    """The client's address, or addresses with commas between them."""
    found = DeliverySchema().load({"recipients": statement.client.email})["recipients"]
    if not found:
        raise ValidationError({"recipients": [BLANK]})
    return found


def permalink(statement: NumberedStatement) -> str:
    """The public page, under the configured address, else under the one that this request was sent to."""
    path = f"/{PAGES[statement.__tablename__]}/{statement.hash_key}"
    if has_request_context() and not current_app.config["CURDBEE_PUBLIC_URL"]:
        return wire.absolute(path)
    return (current_app.config["CURDBEE_PUBLIC_URL"] or "http://localhost:8000").rstrip("/") + path
