"""Recurring profiles."""

from flask import Blueprint

from curdbee_compat.models.recurring_profile import RecurringProfile
from curdbee_compat.resource import Resource
from curdbee_compat.schemas.recurring_profile import RecurringProfileSchema


def mount(blueprint: Blueprint) -> None:
    """The five actions; `curdbee-compat bill` makes the invoices."""
    profiles = Resource(RecurringProfile, RecurringProfileSchema(), filters={"client": "client_id"})
    profiles.mount(blueprint, "/recurring_profiles")
