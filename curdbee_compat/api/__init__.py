"""The public CurdBee API. One line here adds a resource."""

from flask import Blueprint

from curdbee_compat import errors
from curdbee_compat.api import (
    clients,
    currencies,
    deliveries,
    estimates,
    invoices,
    items,
    payments,
    recurring_profiles,
)

blueprint = Blueprint("api", __name__)
errors.register_public(blueprint)

for module in (clients, currencies, deliveries, estimates, invoices, items, payments, recurring_profiles):
    module.mount(blueprint)
