"""Who can log in, to look at; users are made on the command line."""

from flask import Blueprint

from curdbee_compat.admin.resource import AdminResource
from curdbee_compat.models.user import User
from curdbee_compat.schemas.user import UserSchema


def mount(blueprint: Blueprint) -> None:
    """Lists and single records."""
    AdminResource(User, UserSchema()).mount(blueprint, "/users", only=("index", "show"))
