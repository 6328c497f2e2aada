"""What the server gives by itself, and an import keeps: ids, times, keys of pages, states. Read only, from files."""

import datetime
from typing import Any

from marshmallow import ValidationError

from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.dates import moment
from curdbee_compat.schemas.fields import INVALID, Date, Integer, Reference, Text, Timestamp

# Every client reads integers up to here exactly, and the ids that follow have room.
MAX_ID = 2**53


class Identity(Reference):
    """A record's own id."""

    def __init__(self) -> None:
        super().__init__(below=MAX_ID, required=True)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        number = super()._deserialize(value, attr, data, **kwargs)
        if number < 1:
            raise ValidationError(INVALID)
        return number


class Moment(Timestamp):
    """A time of any zone, kept in UTC."""

    def __init__(self) -> None:
        super().__init__()
        self.dump_only = False

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime.datetime:
        try:
            return moment(value)
        except ValueError:
            raise ValidationError(INVALID) from None


class KeptSchema(Schema):
    """Of every record."""

    id = Identity()
    created_at = Moment()
    updated_at = Moment()


class KeptOfPaymentSchema(KeptSchema):
    """A payment of the admin API names its invoice."""

    invoice_id = Reference()


class KeptOfStatementSchema(KeptSchema):
    """Of invoices and estimates."""

    hash_key = Text(limit=64)
    state = Text()


class KeptOfProfileSchema(KeptSchema):
    """How far a recurring profile has come."""

    next_billing_date = Date()
    iteration_no = Integer()
