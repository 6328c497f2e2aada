"""The audit trail: what each flush changes is told in the same transaction, in one chain for each user."""

import getpass
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import click
import orjson
from flask import has_request_context
from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.orm.attributes import set_committed_value

from curdbee_compat import current, storing
from curdbee_compat.extensions import db
from curdbee_compat.models.audit_entry import AuditEntry, chained
from curdbee_compat.models.base import Record, column_names, now
from curdbee_compat.models.user import User

CREATE, UPDATE, DESTROY = "create", "update", "destroy"
LONGEST_ADDRESS = 64  # characters; behind a proxy it may be anything


class Origin(NamedTuple):
    """Who changes something, by which kind of credential, from which address, in which request, and by what."""

    actor: str
    credential: str
    address: str | None
    request_id: str | None
    endpoint: str


class Change(NamedTuple):
    """What happened to one record: the values of its columns before and after."""

    action: str
    model: Any
    user_id: int
    record_id: int
    invoice_id: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def origin() -> Origin:
    """Of this request; outside of one, of this command."""
    if has_request_context():
        asked, here = current.request(), current.g()
        address = asked.remote_addr and asked.remote_addr[:LONGEST_ADDRESS]
        return Origin(here.user.name, here.credential, address, here.request_id, str(asked.endpoint))
    command = click.get_current_context(silent=True)
    return Origin(login(), "command", None, None, command.command_path if command else "")


def login() -> str:
    """Who runs this process, as the system calls him; by number where it has no name for him."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


def credential() -> str:
    """The user who asks, by id, and the kind of credential: what tells one client from another."""
    here = current.g()
    return f"{here.user.id} {here.credential}"


@event.listens_for(db.session, "after_flush")
def tell(session: Session, _flush: object) -> None:
    """Append an entry for each audited record that was flushed. Called while the session knows what was before."""
    append(session, changes(session.new, session.deleted, session.dirty))


def tell_inserted(model: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    """Append an entry for each of these rows, inserted without a flush. The caller holds their users' locks."""
    if model.audited:
        names = columns(inspect(model))
        append(db.session(), [change(CREATE, model, row, None, {name: row[name] for name in names}) for row in rows])


def tell_stored(user: User, new: Iterable[Record], dirty: Iterable[Record]) -> None:
    """Append an entry for each of these records, stored without a session. The caller holds this user's lock."""
    storing.store_rows(AuditEntry, entries(changes(new, (), dirty), {user.id: user}))


def append(session: Session, changes: Sequence[Change]) -> None:
    """Put them at the ends of the chains."""
    if changes:
        new = {record.id: record for record in session.new if isinstance(record, User)}
        owners = {id: new.get(id) or session.get_one(User, id) for id in {change.user_id for change in changes}}
        # Asked for a result, SQLAlchemy sends many rows with each statement, and the trigger runs as few times.
        inserting = AuditEntry.__table__.insert().returning(AuditEntry.id)
        session.connection().execute(inserting, entries(changes, owners)).all()


def entries(changes: Iterable[Change], owners: Mapping[int, User]) -> list[dict[str, Any]]:
    """What is to be appended for these changes, `owners` being the users by id. The caller holds their locks."""
    said = {**origin()._asdict(), "at": now()}
    return [entry(owners[change.user_id], change, said) for change in changes]


def changes(new: Iterable[Any], deleted: Iterable[Any], dirty: Iterable[Any]) -> list[Change]:
    """What happened to the audited ones among these records, in the order of their tables and ids."""
    found = [change(CREATE, type(record), record.__dict__, None, present(record)) for record in filter(audited, new)]
    for record in filter(audited, deleted):
        found.append(change(DESTROY, type(record), record.__dict__, present(record) | replaced(record), None))
    for record in filter(audited, dirty):
        if before := replaced(record):
            after = {name: getattr(record, name) for name in before}
            found.append(change(UPDATE, type(record), record.__dict__, before, after))
    return sorted(found, key=lambda change: (change.model.__tablename__, change.record_id))


def change(
    action: str,
    model: Any,
    row: Mapping[str, Any],
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> Change:
    """That of a record with these values."""
    user_id = row["id"] if model is User else row["user_id"]
    invoice_id = row["id"] if model.__tablename__ == "invoices" else row.get("invoice_id")
    return Change(action, model, user_id, row["id"], invoice_id, before, after)


def audited(record: object) -> bool:
    """Whether the trail tells of such records."""
    return isinstance(record, Record) and record.audited


def present(record: Any) -> dict[str, Any]:
    """Every audited column as it is now."""
    return {name: getattr(record, name) for name in columns(inspect(record).mapper)}


def replaced(record: Any) -> dict[str, Any]:
    """The old values of the audited columns that have really changed."""
    return {name: value for name, value in record.replaced().items() if name not in record.unaudited}


@cache
def columns(mapper: Mapper[Any]) -> tuple[str, ...]:
    """What is told of the records of a model."""
    model: Any = mapper.class_
    return tuple(name for name in column_names(model) if name not in model.unaudited)


def entry(user: User, change: Change, said: dict[str, Any]) -> dict[str, Any]:
    """The next entry of the chain of the user whose record it is. The caller holds that user's lock."""
    made = {
        **said,
        "user_id": user.id,
        "sequence": user.audit_length + 1,
        "action": change.action,
        "record_type": change.model.__tablename__,
        "record_id": change.record_id,
        "invoice_id": change.invoice_id,
        "before": written(change.model, change.before),
        "after": written(change.model, change.after),
    }
    made["hash"] = chained(user.audit_head, made)
    set_committed_value(user, "audit_length", made["sequence"])  # as the trigger does in the database
    set_committed_value(user, "audit_head", made["hash"])
    return made


def written(model: Any, values: dict[str, Any] | None) -> str | None:
    """The values as JSON, secrets masked."""
    if values is None:
        return None
    return orjson.dumps({name: "***" if name in model.secret else value for name, value in values.items()}).decode()
