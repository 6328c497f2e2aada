"""The payments of an invoice, as the admin document has them."""

from dataclasses import dataclass

from flask import Blueprint

from curdbee_compat.admin.batch import BatchAction
from curdbee_compat.admin.resource import AdminResource
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.models.payment import Payment
from curdbee_compat.receiving import Receiving
from curdbee_compat.schemas.payment import InvoicePaymentSchema


@dataclass(frozen=True, eq=False)
class AdminReceiving(Receiving, AdminResource):
    """The payments of anybody's invoice."""


def mount(blueprint: Blueprint) -> None:
    """The five actions and the batch action."""
    path = "/invoices/<id:invoice_id>/invoice_payments"
    payments = AdminReceiving(Payment, InvoicePaymentSchema(), owner=Invoice)
    payments.mount(blueprint, path)
    blueprint.add_url_rule(f"{path}/batch_action", "batch_action", BatchAction(payments), methods=["POST"])
