"""A user as the admin API shows one: no secret, no hash."""

from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.fields import Timestamp, Wire


class UserSchema(Schema):
    """Who can log in; read only, users are made on the command line."""

    root, plural = "user", "users"

    id = Wire()
    name = Wire()
    email = Wire()
    admin = Wire()
    disabled = Wire()
    created_at = Timestamp()
    updated_at = Timestamp()
