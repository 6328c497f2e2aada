"""What this installation itself remembers: its epoch, and recent failed logins."""

from datetime import datetime

from sqlalchemy import DateTime, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from curdbee_compat.extensions import db
from curdbee_compat.models.base import AUTOINCREMENT, Id


class Installation(db.Model):
    """One row. The epoch is random and part of every ETag, so that no answer outlives a restored database."""

    __tablename__ = "installation"
    __table_args__ = AUTOINCREMENT

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    epoch: Mapped[str] = mapped_column(String(32))


class LoginFailure(db.Model):
    """A refused login of the last minute, shared by all workers. The name is kept as a digest."""

    __tablename__ = "login_failures"
    __table_args__ = (Index(None, "address", "at"), Index(None, "at"), AUTOINCREMENT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    address: Mapped[str] = mapped_column(String(64))
    name_digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(DateTime)
