"""Batch actions on the payments of an invoice: all of them or none, in one transaction."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

from flask import Response
from marshmallow import ValidationError

from curdbee_compat import idempotency, wire
from curdbee_compat.admin.resource import AdminResource
from curdbee_compat.described import Described
from curdbee_compat.extensions import db
from curdbee_compat.models.payment import Payment

ACTIONS = ("destroy", "mark_accounted", "mark_unaccounted", "update")
# What is taken and answered, as JSON Schemas.
TAKEN = {
    "type": "object",
    "properties": {
        "batch_action": {"enum": ACTIONS, "examples": ["update"]},
        "collection_selection": {"type": "array", "items": {"type": ["integer", "string"]}, "examples": [[1]]},
        "batch_action_inputs": {"type": ["object", "string", "null"], "examples": [{"date": "2024-01-15"}]},
    },
    "required": ["batch_action"],
}
DONE = {
    "type": "object",
    "properties": {
        "message": {"type": "string", "examples": ["Batch action completed"]},
        "affected_count": {"type": "integer", "examples": [1]},
    },
    "required": ["message", "affected_count"],
}
CHUNK = 500  # ids in one statement
UNKNOWN = "is not included in the list"


@dataclass(frozen=True)
class BatchAction:
    """`POST …/batch_action` for one resource."""

    resource: AdminResource
    described: ClassVar = Described(answer=DONE, takes=TAKEN, names_missing=True)

    def __call__(self, **keys: int) -> Response:
        """200 and how many were affected; 404 naming the ids that are not there, 422 for what cannot be done."""
        self.resource.begin(**keys)
        sent = wire.read("hash", ("batch_action", "collection_selection", "batch_action_inputs"))
        act = self._action(sent)
        selected = selection(sent.get("collection_selection"))
        found = self._found([id for id in selected if isinstance(id, int)], **keys)
        if missing := [str(id) for id in selected if id not in found]:
            return not_found(missing)
        for id in selected:
            self._apply(act, found[int(id)])
        done = {"message": "Batch action completed", "affected_count": len(found)}
        return idempotency.finish(wire.write_status(done, 200))

    def _action(self, sent: Mapping[str, Any]) -> Callable[[Payment], None]:
        """What to do to each record."""
        name = sent.get("batch_action")
        if name == "destroy":
            return Payment.destroy
        if name in ("mark_accounted", "mark_unaccounted"):
            return lambda payment: payment.change({"accounted": name == "mark_accounted"})
        if name != "update":
            raise ValidationError({"batch_action": [UNKNOWN if name else "can't be blank"]})
        given = inputs(sent.get("batch_action_inputs"))
        if given.keys().isdisjoint(self.resource.schema.load_fields):
            raise ValidationError({"batch_action_inputs": ["can't be blank"]})
        values = cache(lambda: self.resource.schema.load(given, partial=True))
        return lambda payment: payment.change(values())

    def _apply(self, act: Callable[[Payment], None], record: Payment) -> None:
        try:
            act(record)
        except ValidationError as error:
            messages = error.normalized_messages()
            raise ValidationError({"errors": messages, "record_errors": {str(record.id): messages}}) from None

    def _found(self, ids: list[int], **keys: int) -> dict[int, Payment]:
        found: dict[int, Payment] = {}
        for start in range(0, len(ids), CHUNK):
            query = self.resource.rows(Payment, keys=keys).where(Payment.id.in_(ids[start : start + CHUNK]))
            found |= {payment.id: payment for payment in db.session.scalars(query, self.resource.values(**keys))}
        return found


def selection(sent: Any) -> list[int | str]:
    """The ids, each once, in the order sent; what cannot be an id stays text, and will not be found."""
    if sent is None:
        return []
    if not isinstance(sent, list) or not all(isinstance(id, int | str | Decimal) for id in sent):
        raise ValidationError({"collection_selection": ["is invalid"]})
    return list(dict.fromkeys(_id(id) for id in sent))


def _id(sent: int | str | Decimal) -> int | str:
    text = str(sent)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else text


def inputs(sent: Any) -> dict[str, Any]:
    """The new values: an object, or, as ActiveAdmin's own form has it, JSON text of one."""
    if isinstance(sent, str):
        try:
            sent = json.loads(sent)
        except (ValueError, RecursionError):
            sent = None
    if not isinstance(sent, dict):
        raise ValidationError({"batch_action_inputs": ["is invalid"]})
    return sent


def not_found(missing: Iterable[str]) -> Response:
    """404, saying which."""
    messages = [f"not found: {', '.join(missing)}"]
    return wire.write_errors({"errors": {"collection_selection": messages}}, messages, 404)
