"""Currencies, which are the same for every user."""

from flask import Blueprint, Response
from sqlalchemy import select

from curdbee_compat import wire
from curdbee_compat.described import described
from curdbee_compat.models.currency import Currency
from curdbee_compat.prepared import Prepared
from curdbee_compat.schemas.currency import CurrencySchema

schema = CurrencySchema()
currencies = Prepared(select(*(getattr(Currency, name) for name in schema.columns)).order_by(Currency.id))


def mount(blueprint: Blueprint) -> None:
    """One list, whole, where CurdBee's PHP class looks for it."""
    blueprint.add_url_rule("/default_settings/currencies", "currencies_index", index)


@described(answer=schema, many=True)
def index() -> Response:
    """200 and every currency, in the order of the ids."""
    return wire.write_list(schema.plural, schema.root, schema.dump_rows(currencies.all({})))
