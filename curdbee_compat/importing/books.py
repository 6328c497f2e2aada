"""What is in the database already, as far as an import must know it; looked up for thousands of records at once."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import func, select

from curdbee_compat.extensions import db
from curdbee_compat.importing.kinds import Entry
from curdbee_compat.models.currency import Currency
from curdbee_compat.models.payment import PaymentMethod

MANY = 10_000  # values of one statement; SQLite takes 32,766, Postgres 65,535


class NotTaken(ValueError):
    """Why a record is left out."""


def matching(column: Any, values: Collection[Any], *what: Any) -> list[Any]:
    """Rows of `what` where the column has one of the values."""
    wanted, found = list(values), list[Any]()
    for start in range(0, len(wanted), MANY):
        found += db.session.execute(select(*what).where(column.in_(wanted[start : start + MANY]))).all()
    return found


def rows(model: Any, ids: Collection[int]) -> dict[int, Mapping[str, Any]]:
    """The rows of these ids, whoever owns them, by id."""
    return {row.id: row._mapping for row in matching(model.id, ids, *model.__table__.c)}


def next_id(model: Any, given: Collection[int]) -> int:
    """The first id above all that are there and all that are given."""
    return max(db.session.scalar(select(func.max(model.id))) or 0, *given, 0) + 1


class Currencies:
    """The table of currencies, searched by what answers show: a name, or a symbol."""

    def __init__(self, own_id: int) -> None:
        self.by_id = {currency.id: currency for currency in db.session.scalars(select(Currency))}
        self._by_name = {currency.name: currency for currency in self.by_id.values()}
        self._by_symbol = {currency.symbol: currency for currency in self.by_id.values()}
        self._own = self.by_id[own_id]

    def of_client(self, entry: Entry) -> Currency:
        """By id, else by name, else by symbol; the user's own where the client says nothing."""
        if currency := self.by_id.get(entry.values.get("currency_id") or 0):
            return currency
        name = entry.values.get("currency_name", "")
        return self._by_name.get(name) or self.of_symbol(entry.symbol, self._own, f"{name!r} with the symbol ")

    def of_symbol(self, symbol: str, expected: Currency | None = None, called: str = "") -> Currency:
        """The expected one (else the user's) where nothing else is shown."""
        expected = expected or self._own
        currency = expected if symbol in ("", expected.symbol) else self._by_symbol.get(symbol)
        if currency is None:
            raise NotTaken(f"its currency, {called}{symbol!r}, is none of those here")
        return currency


class Methods:
    """Ways of paying, by name and by id; `named` are those that a file with payment methods names, `made` those that
    are not here yet."""

    def __init__(self) -> None:
        found = db.session.execute(select(PaymentMethod.id, PaymentMethod.name)).all()
        self.names = {method.id: method.name for method in found}
        self.ids = {method.name: method.id for method in found}
        self.named: dict[int, str] = {}
        self.made: dict[int, str] = {}

    def name_of(self, values: Mapping[str, Any]) -> str | None:
        """The name that a payment's own answer gives, or that of the id in an admin's."""
        if "payment_method" in values or values.get("payment_method_id") is None:
            return values.get("payment_method")
        number = values["payment_method_id"]
        name = self.named.get(number) or self.names.get(number)
        if name is None:
            raise NotTaken(f"payment method {number} is not known; add the answer of /admin/payment_methods")
        return name

    def id_of(self, name: str | None) -> int | None:
        """The id under which a name is, or will be, here."""
        if name is None or name in self.ids:
            return self.ids.get(name or "")
        id = next_id(PaymentMethod, [*self.named, *self.made])
        self.ids[name], self.made[id] = id, name
        return id
