"""A plan becomes rows: many with each statement, so that the triggers behind them run few times."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm.attributes import flag_modified

from curdbee_compat import audit
from curdbee_compat.extensions import db
from curdbee_compat.importing.books import MANY, next_id
from curdbee_compat.importing.plan import Plan
from curdbee_compat.models.base import now
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.models.payment import Payment, PaymentMethod
from curdbee_compat.selects import foreign_key


def write(plan: Plan) -> None:
    """Insert what is new, parents first, and count new payments into the invoices that were here."""
    moment, used = now(), {row["payment_method_id"] for row in plan.rows[Payment].values()}
    _insert(PaymentMethod, [{"id": id, "name": name} for id, name in plan.methods.made.items() if id in used], moment)
    for model, rows in plan.rows.items():
        _insert(model, list(rows.values()), moment)
    for model, lines in plan.lines.items():
        _insert(model.line_model, _lines(plan, model, lines), moment)
    _receive(plan.received)


def _insert(model: Any, rows: Sequence[Mapping[str, Any]], moment: datetime) -> None:
    """Every column of every row, by SQLAlchemy's batches of many rows: it makes these where a result is asked for."""
    if not rows:
        return
    table = model.__table__
    blank = {column.name: column.default.arg if _is_plain(column.default) else None for column in table.c}
    whole = [blank | {name: row[name] for name in row.keys() & blank.keys()} for row in rows]
    for row in whole:
        row["created_at"] = row["created_at"] or moment
        row["updated_at"] = row["updated_at"] or row["created_at"]
    db.session.execute(insert(table).returning(table.c.id), whole).all()
    audit.tell_inserted(model, whole)


def _is_plain(default: Any) -> bool:
    return default is not None and default.is_scalar


def _lines(plan: Plan, model: Any, lines: Mapping[int, Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """The lines' rows, as old as their statement. One without an id gets the next that is free."""
    rows = [
        {**line, foreign_key(model): id, "user_id": plan.user_id, "created_at": plan.rows[model][id].get("created_at")}
        for id, below in lines.items()
        for line in below
    ]
    free = next_id(model.line_model, [row["id"] for row in rows if row.get("id")])
    for row in rows:
        if not row.get("id"):
            row["id"], free = free, free + 1
    return rows


def _receive(received: Mapping[int, int]) -> None:
    """Invoices from an earlier run get further payments of then: their times stay, too."""
    ids = sorted(received)
    for start in range(0, len(ids), MANY):
        for invoice in db.session.scalars(select(Invoice).where(Invoice.id.in_(ids[start : start + MANY]))):
            invoice.receive(received[invoice.id])
            flag_modified(invoice, "updated_at")
    db.session.flush()
