"""What must be the same in a database and in the one restored from its backup."""

import sqlalchemy as sa

from curdbee_compat import audit_chain

MILLION = 1_000_000


Figures = dict[str, dict[str, int | str]]


def measured(connection: sa.Connection, tables: dict[str, sa.Table]) -> Figures:
    """Figures by kind: how many rows a table has, what its amounts come to, how many invoices have as paid another
    sum than that of their payments; the head of each user's audit trail, and what is wrong with the trails."""
    trails: Figures = {}
    if "audit_entries" in tables:  # an older schema has none
        heads = audit_chain.heads(connection)
        trails = {
            "audit_heads": {f"user {head.user_id}": f"{head.length} {head.hash}" for head in heads},
            "audit_faults": {"trails": sum(1 for _ in audit_chain.faults(connection))},
        }
    return {
        "rows": {name: _count(connection, table) for name, table in tables.items()},
        "sums": _sums(connection, tables),
        "unsettled": {"invoices": _unsettled(connection, tables["invoices"], tables["payments"])},
        **trails,
    }


def differences(backup: Figures, restored: Figures) -> list[str]:
    """What is not as in the backup, in words; of what the backup tells."""
    return [
        f"{kind} of {name} should be {figure} and are {restored.get(kind, {}).get(name)}"
        for kind, figures in backup.items()
        for name, figure in figures.items()
        if restored.get(kind, {}).get(name) != figure
    ]


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _sums(connection: sa.Connection, tables: dict[str, sa.Table]) -> dict[str, int | str]:
    """Of each column of amounts. Summed up in millions and the rest, since SQLite fails past 64 bits."""
    columns = [column for table in tables.values() for column in table.c if column.name.endswith("_cents")]
    sums: dict[str, int | str] = {}
    for column in columns:
        millions, rest = connection.execute(
            sa.select(sa.func.sum(column // MILLION), sa.func.sum(column % MILLION)),
        ).one()
        sums[str(column)] = int(millions or 0) * MILLION + int(rest or 0)
    return sums


def _unsettled(connection: sa.Connection, invoices: sa.Table, payments: sa.Table) -> int:
    received = (
        sa.select(payments.c.invoice_id, sa.func.sum(payments.c.amount_cents).label("cents"))
        .group_by(payments.c.invoice_id)
        .subquery()
    )
    joined = invoices.outerjoin(received, received.c.invoice_id == invoices.c.id)
    wrong = invoices.c.paid_cents != sa.func.coalesce(received.c.cents, 0)
    return connection.scalar(sa.select(sa.func.count()).select_from(joined).where(wrong)) or 0
