"""Invoices."""

from flask import Blueprint

from curdbee_compat.api import lifecycle
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.resource import Resource
from curdbee_compat.schemas.invoice import InvoiceSchema

invoices = Resource(Invoice, InvoiceSchema(), filters={"client": "client_id"})


def mount(blueprint: Blueprint) -> None:
    """The five actions, a list that can be narrowed to one client, and what can be done to an invoice."""
    invoices.mount(blueprint, "/invoices")
    lifecycle.mount(blueprint, "/invoices", invoices)
