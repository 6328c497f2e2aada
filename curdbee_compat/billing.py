"""Making the invoices of recurring profiles: each exactly once, whoever runs this and however often."""

import datetime
from collections.abc import Iterator

from marshmallow import ValidationError
from sqlalchemy import select

from curdbee_compat import delivery
from curdbee_compat.extensions import begin_write, commit, db, rollback
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.models.recurring_profile import RecurringProfile
from curdbee_compat.models.user import User


def due_profiles(day: datetime.date) -> list[tuple[int, int]]:
    """(user id, profile id) of every profile with an invoice to make by that day."""
    due = RecurringProfile.next_billing_date <= day
    ids = select(RecurringProfile.user_id, RecurringProfile.id).where(due).order_by(RecurringProfile.id)
    return [(user_id, profile_id) for user_id, profile_id in db.session.execute(ids)]


def bill(user_id: int, profile_id: int, day: datetime.date) -> Iterator[tuple[Invoice, str | None]]:
    """Every invoice that the profile owes by that day, oldest first, and why it was not delivered if it was not.

    Each is a transaction of its own that moves the profile one step on, so a run that dies has made what it made."""
    while made := _bill_once(user_id, profile_id, day):
        yield made


def _bill_once(user_id: int, profile_id: int, day: datetime.date) -> tuple[Invoice, str | None] | None:
    db.session.remove()
    begin_write()
    User.lock([user_id])
    mine = (RecurringProfile.user_id == user_id, RecurringProfile.id == profile_id)
    profile = db.session.scalar(select(RecurringProfile).where(*mine))
    if profile is None or profile.next_billing_date is None or profile.next_billing_date > day:
        rollback()
        return None
    invoice = profile.bill()
    db.session.flush()
    undelivered = None if profile.save_as_draft else _deliver(invoice)
    commit()
    return invoice, undelivered


def _deliver(invoice: Invoice) -> str | None:
    """Send it to its client; without a usable address it stays a draft, and the reason comes back."""
    try:
        delivery.deliver(invoice)
    except ValidationError as error:
        return f"recipients {error.normalized_messages()['recipients'][0]}"
    return None
