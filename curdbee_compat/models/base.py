"""What every table has in common: ids that are never reused, timestamps, one assignment loop."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer, inspect
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.orm.attributes import NO_VALUE

from curdbee_compat.extensions import db

Id = BigInteger().with_variant(Integer, "sqlite")
AUTOINCREMENT = {"sqlite_autoincrement": True}


def now() -> datetime:
    """The present second, UTC, as it is stored: without a zone."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def today() -> date:
    """The present day, UTC."""
    return now().date()


@cache
def column_names(model: Any) -> tuple[str, ...]:
    """The attributes of a model that are columns, in their order."""
    return tuple(column.key for column in inspect(model).column_attrs)


class Record(db.Model):
    """A row with an id and timestamps. `updated_at` moves only when a column really changes.

    `by_name`: attributes that clients know as the `name` of another record, and the table as its id. `audited`: the
    audit trail tells of each change, but for the columns in `unaudited`, and without the texts of those in `secret`.
    `computed`: what the database makes of some columns while it inserts a row that a request created."""

    __abstract__ = True
    by_name: ClassVar[Mapping[str, Any]] = {}
    audited: ClassVar[bool] = False
    unaudited: ClassVar[Collection[str]] = {"id", "user_id", "created_at", "updated_at"}
    secret: ClassVar[Collection[str]] = ()
    computed: ClassVar[Mapping[str, Any]] = {}
    __table_args__: ClassVar[Any] = AUTOINCREMENT

    id: Mapped[int] = mapped_column(Id, primary_key=True, sort_order=-2)
    created_at: Mapped[datetime] = mapped_column(DateTime, default=now, sort_order=1)
    updated_at: Mapped[datetime] = mapped_column(DateTime, default=now, onupdate=now, sort_order=1)

    def change(self, values: Mapping[str, Any]) -> None:
        """Assign loaded values. ValidationError where only the database can tell that one is wrong."""
        for name, value in values.items():
            setattr(self, name, value)

    def replaced(self) -> dict[str, Any]:
        """The old values of the columns that have really changed since it was loaded or flushed."""
        model: Any = type(self)
        state: Any = inspect(self).committed_state
        # Of a column that nobody had set when its row was inserted, SQLAlchemy knows no value; it is NULL.
        old = {name: None if state[name] is NO_VALUE else state[name] for name in column_names(model) if name in state}
        return {name: value for name, value in old.items() if value != getattr(self, name)}

    def destroy(self) -> None:
        """Delete the row with what depends on it. ValidationError where the rules forbid it."""
        db.session.delete(self)


class OwnedRecord(Record):
    """A row of a user's data. `user_id` comes first in every index, and foreign keys between owned rows carry it."""

    __abstract__ = True
    audited = True

    @declared_attr
    def user_id(cls) -> Mapped[int]:
        return mapped_column(Id, ForeignKey("users.id"), sort_order=-1)
