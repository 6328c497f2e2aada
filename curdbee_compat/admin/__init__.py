"""The ActiveAdmin namespace: admins only, every user's data. One line here adds a resource."""

from flask import Blueprint

from curdbee_compat import errors
from curdbee_compat.admin import invoice_payments, invoices, payment_methods, users

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
errors.register_admin(blueprint)

for module in (invoice_payments, invoices, payment_methods, users):
    module.mount(blueprint)
