"""Every user's invoices, to look at."""

from flask import Blueprint

from curdbee_compat.admin.resource import AdminResource
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.schemas.invoice import AdminInvoiceSchema


def mount(blueprint: Blueprint) -> None:
    """Lists and single records."""
    AdminResource(Invoice, AdminInvoiceSchema()).mount(blueprint, "/invoices", only=("index", "show"))
