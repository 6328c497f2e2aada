"""Payments of an invoice."""

from flask import Blueprint

from curdbee_compat.models.invoice import Invoice
from curdbee_compat.models.payment import Payment
from curdbee_compat.receiving import Receiving
from curdbee_compat.schemas.payment import PaymentSchema


def mount(blueprint: Blueprint) -> None:
    """The documented paths, and the un-nested one that the documented Location names."""
    payments = Receiving(Payment, PaymentSchema(), owner=Invoice, per_page=None)
    payments.mount(blueprint, "/invoices/<id:invoice_id>/payments")
    payments.mount(blueprint, "/payments", only=("show",))
