"""The ways of paying that payments refer to; shared by all users."""

from flask import Blueprint

from curdbee_compat.admin.resource import AdminResource
from curdbee_compat.models.payment import PaymentMethod
from curdbee_compat.schemas.payment import PaymentMethodSchema


def mount(blueprint: Blueprint) -> None:
    """The five actions."""
    AdminResource(PaymentMethod, PaymentMethodSchema()).mount(blueprint, "/payment_methods")
