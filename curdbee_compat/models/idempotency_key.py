"""Answers kept for clients that send a POST again because they never saw the first answer."""

import datetime

from sqlalchemy import DateTime, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curdbee_compat.extensions import db
from curdbee_compat.models.base import AUTOINCREMENT, Id


class IdempotencyKey(db.Model):
    """One POST and its answer, written in the transaction of what the POST did. `user_id` is whoever asked."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        UniqueConstraint("user_id", "method", "path_digest", "key"),
        Index(None, "user_id", "created_at"),
        AUTOINCREMENT,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id"))
    method: Mapped[str] = mapped_column(String(16))
    path_digest: Mapped[str] = mapped_column(String(64))  # a path may be longer than an index can hold
    key: Mapped[str] = mapped_column(String(255))
    body_digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    content_type: Mapped[str | None] = mapped_column(String(255))
    location: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime.datetime] = mapped_column(DateTime)
