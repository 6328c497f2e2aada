"""The public CurdBee API. One line here adds a resource."""

from flask import Blueprint

from curdbee_compat import errors
from curdbee_compat.api import clients, invoices, payments

blueprint = Blueprint("api", __name__)
errors.register_public(blueprint)

for module in (clients, invoices, payments):
    module.mount(blueprint)
