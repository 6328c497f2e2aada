"""Payments: what clients send most, so each is created by prepared statements alone."""

from dataclasses import dataclass
from typing import Any

from flask import Response
from marshmallow import ValidationError
from sqlalchemy.orm.attributes import set_committed_value
from werkzeug.exceptions import BadRequest

from curdbee_compat import audit, current, storing
from curdbee_compat.extensions import db
from curdbee_compat.models.payment import Payment
from curdbee_compat.resource import Resource


@dataclass(frozen=True, eq=False)
class Receiving(Resource):
    """The payments of an invoice, in either API. Written behind the lock of the invoice's user."""

    def create(self, **keys: int) -> Response:
        """201, the record and its Location; 404 below an owner who is not there, 422 for what it may not be."""
        values = self._checked()
        super().begin(**keys)  # not this class's own, which brings the session in
        if isinstance(values, Exception):
            raise values
        invoice, user, method = current.g().locked
        payment = Payment(user_id=invoice.user_id, invoice_id=invoice.id)
        set_committed_value(payment, "invoice", invoice)
        set_committed_value(payment, "method", method)
        payment.change(values)
        storing.store(payment, **payment.sent_by(audit.credential()))
        storing.store_changes(invoice)
        audit.tell_stored(user, [payment], [invoice])
        return self.answered(payment, 201)

    def _checked(self) -> dict[str, Any] | BadRequest | ValidationError:
        """What was sent, or what is wrong with it: found out before others wait, told once the owner is known."""
        try:
            return self.schema.load(self.sent())
        except (BadRequest, ValidationError) as error:
            return error

    def begin(self, **keys: int) -> int | None:
        """As any; the session knows the invoice, its user and the method that was named."""
        user_id = super().begin(**keys)
        db.session.add_all(record for record in current.g().locked if record)
        return user_id
