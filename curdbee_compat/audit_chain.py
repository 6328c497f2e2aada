"""Reading the audit trail, and finding out whether anybody has touched it."""

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select

from curdbee_compat.models.audit_entry import AuditEntry, chained
from curdbee_compat.models.user import User

ENTRIES = AuditEntry.__table__
AT_ONCE = 1000  # rows held in memory


class Head(NamedTuple):
    """How far a user's chain goes, as the user's row says: `length` entries, the last one's `hash`."""

    user_id: int
    length: int
    hash: str | None


def entries(
    connection: Connection, invoice_id: int | None = None, since: datetime.datetime | None = None
) -> Iterator[dict[str, Any]]:
    """The entries, oldest first, as dicts of plain values."""
    query = select(ENTRIES).order_by(ENTRIES.c.id)
    if invoice_id is not None:
        query = query.where(ENTRIES.c.invoice_id == invoice_id)
    if since is not None:
        query = query.where(ENTRIES.c.at >= since)
    for row in _streamed(connection, query):
        yield {**row._mapping, "at": f"{row.at.isoformat()}Z"}


def heads(connection: Connection) -> list[Head]:
    """The head of every user's chain that has begun."""
    query = select(User.id, User.audit_length, User.audit_head).where(User.audit_length > 0).order_by(User.id)
    return [Head(*row) for row in connection.execute(query)]


def faults(connection: Connection) -> Iterator[str]:
    """What is wrong with the trail, a line each: entries edited, removed, inserted or cut off at the end. The
    connection's transaction must see one moment."""
    try:
        yield from _faults(connection)
    except (TypeError, ValueError) as error:  # SQLite keeps values of any type in any column
        yield f"an entry was edited so that it cannot be read: {error}"


def _faults(connection: Connection) -> Iterator[str]:
    said = {head.user_id: head for head in heads(connection)}
    reached = {user_id: Head(user_id, 0, None) for user_id in said}
    for row in _streamed(connection, select(ENTRIES).order_by(ENTRIES.c.user_id, ENTRIES.c.sequence)):
        before = reached.get(row.user_id) or Head(row.user_id, 0, None)
        place = f"user {row.user_id}, entry {row.sequence}"
        if row.sequence > before.length + 1:
            yield f"{place}: {row.sequence - before.length - 1} before it removed"
        elif row.hash != chained(before.hash, row._mapping):
            yield f"{place}: edited or inserted"
        reached[row.user_id] = Head(row.user_id, row.sequence, row.hash)
    for user_id, end in reached.items():
        head = said.get(user_id) or Head(user_id, 0, None)
        if end.length < head.length:
            yield f"user {user_id}: cut off after entry {end.length} of {head.length}"
        elif end != head:
            yield f"user {user_id}: the trail ends otherwise than the user's row says"


def _streamed(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    return iter(connection.execute(query, execution_options={"yield_per": AT_ONCE}))
