"""The rows of invoices, estimates and profiles: what each refers to, what must be unique, what it comes to."""

from collections.abc import Iterable, Mapping
from typing import Any

from curdbee_compat import totals
from curdbee_compat.importing import shown
from curdbee_compat.importing.books import Currencies, NotTaken, matching, rows
from curdbee_compat.importing.kinds import Entry
from curdbee_compat.models.base import now, today
from curdbee_compat.models.client import Client
from curdbee_compat.models.currency import Currency
from curdbee_compat.models.numbered import NumberedStatement
from curdbee_compat.models.recurring_profile import RecurringProfile
from curdbee_compat.models.statement import COPIED_OF_LINE
from curdbee_compat.money import bare
from curdbee_compat.selects import foreign_key

PARTS = ("sub_total_cents", "discount_cents", "tax_cents", "tax2_cents", "shipping_cents", "total_cents")


def comparable(lines: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """Lines in a form in which two statements' can be compared."""
    return sorted((tuple(line[name] for name in COPIED_OF_LINE) for line in lines), key=repr)


class Clients:
    """The user's clients, here or about to be, with their currencies and the symbols that files show for these."""

    def __init__(self, user_id: int, ids: set[int], new: Mapping[int, Any], symbols: Mapping[int, str]) -> None:
        found = matching(Client.id, ids, Client.id, Client.user_id, Client.currency_id)
        self._currency_ids = {row.id: row.currency_id for row in found if row.user_id == user_id}
        self._currency_ids |= {id: row["currency_id"] for id, row in new.items()}
        self._symbols = symbols

    def currency_of(self, entry: Entry, currencies: Currencies) -> Currency:
        """The client's, unless a statement's totals show another symbol than the client did."""
        client_id = entry.values["client_id"]
        if client_id not in self._currency_ids:
            raise NotTaken(f"its client {client_id} is not here; add the answer that shows it")
        expected = currencies.by_id[self._currency_ids[client_id]]
        if entry.symbol == self._symbols.get(client_id):
            return expected
        currency = currencies.of_symbol(entry.symbol, expected)
        if currency is not expected:
            entry.notes.append(f"it is in {currency.code}, as its totals show, and its client in {expected.code}")
        return currency


class Statements:
    """One model's statements. Numbers are unique for the user, keys of pages and ids of lines for everybody."""

    def __init__(
        self, model: Any, entries: Mapping[int, Entry], user_id: int, clients: Clients, currencies: Currencies
    ) -> None:
        self.model, self.user_id = model, user_id
        self._clients, self._currencies = clients, currencies
        self._unique: dict[str, dict[Any, int]] = {}
        if issubclass(model, NumberedStatement):
            for name in (model.number_name, "hash_key"):
                column, values = getattr(model, name), {entry.values.get(name) for entry in entries.values()} - {None}
                found = matching(column, values, column.label("value"), model.id, model.user_id)
                everybody = name == "hash_key"
                self._unique[name] = {row.value: row.id for row in found if everybody or row.user_id == user_id}
        lines = {line["id"] for entry in entries.values() for line in entry.lines if line.get("id")}
        key = getattr(model.line_model, foreign_key(model))
        self._owners = {row[0]: row[1] for row in matching(model.line_model.id, lines, model.line_model.id, key)}

    def there(self, ids: Iterable[int]) -> dict[int, Mapping[str, Any]]:
        """The rows of these ids, each with its lines in comparable form."""
        found, lines = rows(self.model, list(ids)), self.model.line_model
        key = getattr(lines, foreign_key(self.model))
        below: dict[int, list[Any]] = {}
        for line in matching(key, found, *lines.__table__.c):
            below.setdefault(line._mapping[key.name], []).append(line._mapping)
        return {id: {**row, "line_items": comparable(below.get(id, []))} for id, row in found.items()}

    def row(self, entry: Entry) -> dict[str, Any]:
        """The columns of a statement, and its lines in comparable form. NotTaken where it cannot be one here."""
        currency = self._clients.currency_of(entry, self._currencies)
        lines = [{"unit": None, "sort_order": None, **line} for line in entry.lines]
        compound = bool(entry.values.get("tax2_compound"))
        try:
            amounts = shown.terms(lines, entry.said, compound, currency.unit)
        except OverflowError:
            raise NotTaken("its total is too large") from None
        entry.lines = lines
        entry.notes += differences(entry.said, amounts)
        row = {**entry.values, **amounts, "user_id": self.user_id, "currency_id": currency.id}
        self._complete(row, entry)
        self._claim(row, entry)
        return {**row, "line_items": comparable(lines)}

    def _complete(self, row: dict[str, Any], entry: Entry) -> None:
        """What answers show in another form, or not at all."""
        state = row.pop("state", None)
        if issubclass(self.model, NumberedStatement):
            # The day is not on the wire, only that there was one: a page has a key from then on.
            delivered = bool(row.get("hash_key")) or state == "sent"
            row |= {"closed": state == "closed", "delivered_at": row.get("created_at") or now() if delivered else None}
            row["state"] = totals.state(row["closed"], delivered, row["total_cents"], 0)
        if self.model is RecurringProfile:
            row["date"] = row.get("date") or row["start_date"]
            row["iteration_no"] = row.get("iteration_no") or 0
            self._resume(row, entry)
        if not row.get("date"):
            raise NotTaken("Date can't be blank")

    def _resume(self, row: dict[str, Any], entry: Entry) -> None:
        """Let the profile's dates go on where they were."""
        known = {name: row[name] for name in ("start_date", "iteration_no", "frequency") if name in row}
        profile = RecurringProfile(**{"frequency": RecurringProfile.frequency.default.arg, **known})
        profile.resume(row.get("next_billing_date"))
        for name in ("anchor_date", "anchor_iteration", "next_billing_date"):
            row[name] = getattr(profile, name)
        if profile.next_billing_date and profile.next_billing_date < today():
            entry.notes.append(
                f"its next billing date, {profile.next_billing_date}, is past: `curdbee-compat bill` would make every"
                " invoice since, and mail it; delete the profile, or change its start_date, if it has ended"
            )

    def _claim(self, row: Mapping[str, Any], entry: Entry) -> None:
        """NotTaken where another statement has its number, its key or one of its lines."""
        for name, taken in self._unique.items():
            value = row.get(name)
            if value is None and name != "hash_key":
                raise NotTaken(f"it has no {name}")
            if taken.get(value, row["id"]) != row["id"]:
                raise NotTaken(f"{self.model.__tablename__.removesuffix('s')} {taken[value]} has the same {name}")
        ids = [line["id"] for line in entry.lines if line.get("id")]
        if len(set(ids)) < len(ids) or any(self._owners.get(id, row["id"]) != row["id"] for id in ids):
            raise NotTaken("a line of it has the id of another line")
        for name, taken in self._unique.items():
            if row.get(name) is not None:
                taken[row[name]] = row["id"]
        self._owners.update(dict.fromkeys(ids, row["id"]))


def differences(said: Mapping[str, int], amounts: Mapping[str, int]) -> list[str]:
    """Where this server's totals are not those in the file, in a note."""
    differing = [name for name in PARTS if said.get(name, amounts[name]) != amounts[name]]
    told = (
        f"{name.removesuffix('_cents').replace('_', '-')} {bare(amounts[name])}, in the file {bare(said[name])}"
        for name in differing
    )
    return [f"its lines and terms come to other totals here: {'; '.join(told)}"] if differing else []


def paid_differently(said: Mapping[str, int], row: Mapping[str, Any]) -> str | None:
    """The note on an invoice whose payments here are not what its answer says was paid."""
    paid = said.get("paid_cents", row["paid_cents"])
    if paid == row["paid_cents"]:
        return None
    return f"paid is {bare(row['paid_cents'])} here, in the file {bare(paid)}: add the answers with its payments"
