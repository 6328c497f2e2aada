"""What can be done to an invoice and to an estimate alike: close, reopen, duplicate."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response

from curdbee_compat import idempotency, wire
from curdbee_compat.described import described
from curdbee_compat.resource import Resource


def mount(blueprint: Blueprint, path: str, resource: Resource) -> None:
    """`POST …/ID/close`, `/reopen` and `/duplicate`."""

    @described()
    def close(id: int) -> Response:
        """200 and nothing."""
        return done(resource, id, lambda statement: statement.close())

    @described()
    def reopen(id: int) -> Response:
        """200 and nothing."""
        return done(resource, id, lambda statement: statement.reopen())

    @described(answer=resource.schema)
    def duplicate(id: int) -> Response:
        """201 and the copy."""
        resource.begin()
        return resource.written(resource.find(id).duplicate(), 201)

    for view in (close, reopen, duplicate):
        rule = f"{path}/<id:id>/{view.__name__}"
        blueprint.add_url_rule(rule, f"{resource.schema.plural}_{view.__name__}", view, methods=["POST"])


def done(resource: Resource, id: int, act: Callable[[Any], None]) -> Response:
    """200 and nothing, once it is done."""
    resource.begin()
    act(resource.find(id))
    return idempotency.finish(wire.empty())
