"""Estimates."""

from flask import Blueprint, Response

from curdbee_compat.api import lifecycle
from curdbee_compat.api.invoices import invoices
from curdbee_compat.described import described
from curdbee_compat.models.estimate import Estimate
from curdbee_compat.resource import Resource
from curdbee_compat.schemas.estimate import EstimateSchema

estimates = Resource(Estimate, EstimateSchema(), filters={"client": "client_id"})


def mount(blueprint: Blueprint) -> None:
    """As invoices, and convert."""
    estimates.mount(blueprint, "/estimates")
    lifecycle.mount(blueprint, "/estimates", estimates)
    blueprint.add_url_rule("/estimates/<id:id>/convert", view_func=convert, methods=["POST"])


@described(answer=invoices.schema)
def convert(id: int) -> Response:
    """201 and the invoice that the estimate became; 422 where it has become one before."""
    estimates.begin()
    return invoices.written(estimates.find(id).convert(), 201)
