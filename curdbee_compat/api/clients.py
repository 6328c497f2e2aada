"""Clients."""

from flask import Blueprint

from curdbee_compat.models.client import Client
from curdbee_compat.resource import Resource
from curdbee_compat.schemas.client import ClientSchema


def mount(blueprint: Blueprint) -> None:
    """Ten a page, as documented."""
    Resource(Client, ClientSchema(), per_page=10).mount(blueprint, "/clients")
