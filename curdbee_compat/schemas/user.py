"""A user as the admin API shows one: no secret, no hash."""

from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.fields import BOOLEAN, INTEGER, STRING, Timestamp, Wire


class UserSchema(Schema):
    """Who can log in; read only, users are made on the command line."""

    root, plural = "user", "users"

    id = Wire(metadata=INTEGER)
    name = Wire(metadata=STRING | {"examples": ["demo"]})
    email = Wire(allow_none=True, metadata=STRING)
    admin = Wire(metadata=BOOLEAN)
    disabled = Wire(metadata=BOOLEAN)
    created_at = Timestamp()
    updated_at = Timestamp()
