"""The outbox: mail that was promised in a transaction and is sent later, by somebody else."""

import datetime

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curdbee_compat.models.base import AUTOINCREMENT, OwnedRecord, now

QUEUED, SENT, FAILED = "queued", "sent", "failed"


class OutgoingMail(OwnedRecord):
    """One mail. A sender claims it until a moment, so that no other sends it meanwhile; `message_id` never changes, so
    that a mail sent twice is seen as one."""

    __tablename__ = "outgoing_mails"
    audited = False
    __table_args__ = (UniqueConstraint("message_id"), Index(None, "state", "next_attempt_at"), AUTOINCREMENT)

    recipients: Mapped[list[str]] = mapped_column(JSON)
    blind_copies: Mapped[list[str]] = mapped_column(JSON)
    reply_to: Mapped[str | None] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(16), default=QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime.datetime] = mapped_column(default=now)
    claimed_until: Mapped[datetime.datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime.datetime | None]
