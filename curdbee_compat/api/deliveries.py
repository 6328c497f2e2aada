"""Sending an invoice or an estimate to its client."""

from flask import Blueprint, Response

from curdbee_compat import delivery, idempotency, wire
from curdbee_compat.api.estimates import estimates
from curdbee_compat.api.invoices import invoices
from curdbee_compat.described import described
from curdbee_compat.resource import Resource
from curdbee_compat.schemas.delivery import DeliverySchema

schema = DeliverySchema()


def mount(blueprint: Blueprint) -> None:
    """`POST /deliver/invoice/ID` and `/deliver/estimate/ID`."""
    for resource in (invoices, estimates):
        root = resource.schema.root
        blueprint.add_url_rule(
            f"/deliver/{root}/<id:id>", f"{root}_deliver", deliver, methods=["POST"], defaults={"resource": resource}
        )


@described(takes=schema)
def deliver(id: int, resource: Resource) -> Response:
    """200 and nothing, with the mail in the outbox; 422 where there is nobody to send it to."""
    resource.begin()
    statement = resource.find(id)
    sent = schema.load(wire.read(schema.root, schema.load_fields))
    delivery.deliver(statement, **sent)
    return idempotency.finish(wire.empty())
