"""The audit trail: what each flush changes is told in the same transaction, in one chain for each user."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import click
import orjson
from flask import has_request_context
from sqlalchemy import event, inspect
from sqlalchemy.orm import InstanceState, Mapper, Session
from sqlalchemy.orm.attributes import set_committed_value

from curdbee_compat import current
from curdbee_compat.extensions import db
from curdbee_compat.models.audit_entry import AuditEntry, chained
from curdbee_compat.models.base import Record, now
from curdbee_compat.models.user import User

CREATE, UPDATE, DESTROY = "create", "update", "destroy"


class Origin(NamedTuple):
    """Who changes something, by which kind of credential, from which address, in which request, and by what."""

    actor: str
    credential: str
    address: str | None
    request_id: str | None
    endpoint: str


class Change(NamedTuple):
    """One record, and the values of its columns before and after."""

    action: str
    record: Any
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def origin() -> Origin:
    """Of this request; outside of one, of this command."""
    if has_request_context():
        asked, here = current.request(), current.g()
        return Origin(here.user.name, here.credential, asked.remote_addr, here.request_id, str(asked.endpoint))
    command = click.get_current_context(silent=True)
    return Origin("", "command", None, None, command.command_path if command else "")


def credential() -> str:
    """The user who asks, by id, and the kind of credential: what tells one client from another."""
    here = current.g()
    return f"{here.user.id} {here.credential}"


@event.listens_for(db.session, "after_flush")
def tell(session: Session, _flush: object) -> None:
    """Append an entry for each audited record that was flushed."""
    changes = sorted(changed(session), key=lambda change: (change.record.__tablename__, change.record.id))
    if not changes:
        return
    said = {**origin()._asdict(), "at": now()}
    entries = [appended(session, change, said) for change in changes]
    session.connection().execute(AuditEntry.__table__.insert(), entries)


def changed(session: Session) -> Iterator[Change]:
    """What this flush did. Called while the session still knows what was before."""
    for record in session.new:
        if audited(record):
            yield Change(CREATE, record, None, present(record))
    for record in session.deleted:
        if audited(record):
            yield Change(DESTROY, record, former(record), None)
    for record in session.dirty:
        if audited(record) and (before := replaced(record)):
            yield Change(UPDATE, record, before, {name: getattr(record, name) for name in before})


def audited(record: object) -> bool:
    """Whether the trail tells of such records."""
    return isinstance(record, Record) and record.audited


def present(record: Any) -> dict[str, Any]:
    """Every audited column as it is now."""
    return {name: getattr(record, name) for name in columns(inspect(record).mapper)}


def former(record: Any) -> dict[str, Any]:
    """Every audited column as it was before the flush."""
    return present(record) | replaced(record)


def replaced(record: Any) -> dict[str, Any]:
    """The old values of the columns that have really changed."""
    state: InstanceState[Any] = inspect(record)
    old = state.committed_state
    return {
        name: old[name]
        for name in columns(inspect(record).mapper)
        if name in old and old[name] != getattr(record, name)
    }


@cache
def columns(mapper: Mapper[Any]) -> tuple[str, ...]:
    """What is told of the records of a model."""
    return tuple(each.key for each in mapper.column_attrs if each.key not in mapper.class_.unaudited)


def appended(session: Session, change: Change, said: dict[str, Any]) -> dict[str, Any]:
    """The next entry of the chain of the user whose record it is. The caller holds that user's lock."""
    record = change.record
    user = record if isinstance(record, User) else session.get_one(User, record.user_id)
    entry = {
        **said,
        "user_id": user.id,
        "sequence": user.audit_length + 1,
        "action": change.action,
        "record_type": record.__tablename__,
        "record_id": record.id,
        "invoice_id": record.id if record.__tablename__ == "invoices" else getattr(record, "invoice_id", None),
        "before": written(record, change.before),
        "after": written(record, change.after),
    }
    entry["hash"] = chained(user.audit_head, entry)
    set_committed_value(user, "audit_length", entry["sequence"])  # as the trigger does in the database
    set_committed_value(user, "audit_head", entry["hash"])
    return entry


def written(record: Any, values: dict[str, Any] | None) -> str | None:
    """The values as JSON, secrets masked."""
    if values is None:
        return None
    return orjson.dumps({name: "***" if name in record.secret else value for name, value in values.items()}).decode()
