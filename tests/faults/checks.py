"""What must be true of a database after faults, whatever they were."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.orm import Session

from curdbee_compat import audit_chain, totals
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.models.payment import Payment
from curdbee_compat.models.user import User


def marks(engine: sa.Engine, given: set[int]) -> list[tuple[str, ...]]:
    """The rows that writers made: of a payment its cents, of an invoice the names of its lines. `given` are the ids of
    invoices that were there before."""
    with Session(engine) as session:
        found = [(str(cents),) for cents in session.scalars(sa.select(Payment.amount_cents))]
        for invoice in session.scalars(sa.select(Invoice).where(Invoice.id.not_in(given))):
            found.append(tuple(sorted((line.name_and_description for line in invoice.line_items), key=int)))
    return found


def contradictions(engine: sa.Engine) -> Iterator[str]:
    """Where rows do not agree with each other, or the file is damaged."""
    paid: dict[int, int] = defaultdict(int)
    with Session(engine) as session:
        for invoice_id, cents in session.execute(sa.select(Payment.invoice_id, Payment.amount_cents)):
            paid[invoice_id] += cents
        for invoice in session.scalars(sa.select(Invoice)):
            yield from wrong_with(invoice, paid.pop(invoice.id, 0))
        for invoice_id in paid:
            yield f"payments of invoice {invoice_id}, which is not there"
        yield from audit_chain.faults(session.connection())
        if engine.dialect.name == "sqlite":
            for pragma in ("integrity_check", "foreign_key_check"):
                answer = session.execute(sa.text(f"PRAGMA {pragma}")).all()
                if answer not in ([], [("ok",)]):
                    yield f"PRAGMA {pragma}: {answer}"


def wrong_with(invoice: Invoice, received: int) -> Iterator[str]:
    """Where an invoice is not what its payments and lines make it."""
    if invoice.paid_cents != received:
        yield f"invoice {invoice.id} says {invoice.paid_cents} cents were paid, its payments come to {received}"
    terms = totals.Terms(
        discount=invoice.discount,
        shipping=invoice.shipping,
        tax_rate=invoice.tax_rate,
        tax2_rate=invoice.tax2_rate,
        tax2_compound=bool(invoice.tax2_compound),
        unit=invoice.currency.unit,
    )
    for name, cents in asdict(totals.totals((line.as_line() for line in invoice.line_items), terms)).items():
        if getattr(invoice, name) != cents:
            yield f"invoice {invoice.id} has {name} {getattr(invoice, name)}, its lines come to {cents}"
    state = totals.state(invoice.closed, invoice.delivered_at is not None, invoice.total_cents, received)
    if invoice.state != state:
        yield f"invoice {invoice.id} is {invoice.state} and should be {state}"


def versions(engine: sa.Engine) -> dict[int, int]:
    """How often each user's data were written."""
    with Session(engine) as session:
        return {user.id: user.version for user in session.execute(sa.select(User.id, User.version))}
