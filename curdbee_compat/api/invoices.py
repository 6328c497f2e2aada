"""Invoices."""

from flask import Blueprint

from curdbee_compat.models.invoice import Invoice
from curdbee_compat.resource import Resource
from curdbee_compat.schemas.invoice import InvoiceSchema


def mount(blueprint: Blueprint) -> None:
    """The five actions; a list can be narrowed to one client."""
    Resource(Invoice, InvoiceSchema(), filters={"client": "client_id"}).mount(blueprint, "/invoices")
