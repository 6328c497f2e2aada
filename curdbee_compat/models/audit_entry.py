"""The audit trail's rows: one for each record that a transaction changed, chained user by user."""

import datetime
import hashlib
from collections.abc import Mapping

import orjson
from sqlalchemy import DateTime, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curdbee_compat.extensions import db
from curdbee_compat.models.base import AUTOINCREMENT, Id


class AuditEntry(db.Model):
    """Who did what to one record. Triggers refuse to change or delete a row, and keep the chain's head with the user.

    `sequence` counts a user's entries from 1. `before` and `after` are JSON objects: of a change the changed columns
    alone, of what was created or destroyed all of them."""

    __tablename__ = "audit_entries"
    __table_args__ = (UniqueConstraint("user_id", "sequence"), AUTOINCREMENT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id"))
    sequence: Mapped[int] = mapped_column(Id)
    at: Mapped[datetime.datetime] = mapped_column(DateTime)
    actor: Mapped[str] = mapped_column(String(255))
    credential: Mapped[str] = mapped_column(String(16))
    address: Mapped[str | None] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(32))
    endpoint: Mapped[str] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(16))
    record_type: Mapped[str] = mapped_column(String(64))
    record_id: Mapped[int] = mapped_column(Id)
    invoice_id: Mapped[int | None] = mapped_column(Id)  # of the invoice, its lines and its payments
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))


# What the hash is made of, behind the hash of the entry before.
HASHED = tuple(column.name for column in AuditEntry.__table__.columns if column.name not in ("id", "hash"))


def chained(previous: str | None, entry: Mapping[str, object]) -> str:
    """SHA-256, in hex, over the hash before (None: there is none) and the entry's own columns, as JSON."""
    return hashlib.sha256(orjson.dumps([previous, *(entry[name] for name in HASHED)])).hexdigest()
