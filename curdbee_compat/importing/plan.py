"""Which of the records that were read will become rows, and why the others will not. Writes nothing."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from curdbee_compat import totals
from curdbee_compat.importing.books import Currencies, Methods, NotTaken, matching, rows
from curdbee_compat.importing.kinds import STATEMENTS, Entry
from curdbee_compat.importing.report import Report
from curdbee_compat.importing.statements import Clients, Statements, paid_differently
from curdbee_compat.models.client import Client
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.models.item import Item
from curdbee_compat.models.payment import Payment, PaymentMethod
from curdbee_compat.models.user import User

Entries = dict[Any, dict[int, Entry]]  # by model and id; every model is there, or comes when asked for
# What a record here may have changed in, and still is the one in the file: it goes with payments, deliveries, billing
# and closing; and the terms, of which only the totals are shown.
VOLATILE = {
    *("updated_at", "state", "closed", "delivered_at", "hash_key", "paid_cents", "converted", "accounted"),
    *("discount_rate", "discount_flat_cents", "shipping_rate", "shipping_flat_cents", "tax_rate", "tax2_rate"),
    *("anchor_date", "anchor_iteration", "next_billing_date", "iteration_no", "recurring_profile_id"),
}
UNKNOWN_INVOICE = (
    "no file says of which invoice it is, or two differ; name the file like invoices/7/payments.json, or give --invoice"
)


class Plan:
    """`rows` are the new ones, by model and id, parents before what refers to them; `lines` those of new statements, by
    model and statement; `received` what new payments add to invoices that were here before."""

    def __init__(self, user: User, entries: Entries, report: Report) -> None:
        self.user_id, self.report, self._entries = user.id, report, entries
        self.rows: dict[Any, dict[int, dict[str, Any]]] = {}
        self.received: Counter[int] = Counter()
        self.methods, self._currencies = Methods(), Currencies(user.currency_id)
        self._take(PaymentMethod, self._there(PaymentMethod), self._method)
        self._take(Client, self._there(Client), self._client)
        self._take(Item, self._there(Item), self._item)
        for model in STATEMENTS:
            statements = Statements(model, entries[model], user.id, self._clients(model), self._currencies)
            self._take(model, statements.there(entries[model]), statements.row)
        self._invoices = self._mine(Invoice, {entry.values.get("invoice_id") for entry in entries[Payment].values()})
        self._take(Payment, self._there(Payment), self._payment)
        self._settle()

    @property
    def lines(self) -> dict[Any, dict[int, list[dict[str, Any]]]]:
        """The lines of new statements, by model and statement."""
        return {model: {id: self._entries[model][id].lines for id in self.rows[model]} for model in STATEMENTS}

    def _there(self, model: Any) -> dict[int, Mapping[str, Any]]:
        return rows(model, self._entries[model])

    def _take(self, model: Any, present: Mapping[int, Any], make: Callable[[Entry], dict[str, Any]]) -> None:
        """Make the rows of a model, and tell them from those that are present and from what cannot be one."""
        table, entries, new = model.__tablename__, self._entries[model], self.rows.setdefault(model, {})
        root = table.removesuffix("s")
        for id, entry in sorted(entries.items()):
            try:
                row = make(entry)
                if id in present:
                    self._compare(row, present[id])
            except NotTaken as error:
                self.report.leave(root, id, str(error))
                continue
            if id in present:
                self.report.present[table] += 1
                continue
            new[id] = row
            self.report.taken[table] += 1
            for note in entry.notes:
                self.report.note(root, id, note)

    def _compare(self, row: Mapping[str, Any], there: Mapping[str, Any]) -> None:
        """NotTaken where the record here is another one, or was changed since."""
        if there.get("user_id", self.user_id) != self.user_id:
            raise NotTaken("a record of this id belongs to another user")
        compared = row.keys() & there.keys() - VOLATILE
        if differing := sorted(name for name in compared if row[name] != there[name]):
            raise NotTaken(f"a record of this id is here, and stays as it is; it differs in {', '.join(differing)}")

    def _clients(self, model: Any) -> Clients:
        ids = {entry.values["client_id"] for entry in self._entries[model].values()}
        symbols = {id: entry.symbol for id, entry in self._entries[Client].items()}
        return Clients(self.user_id, ids, self.rows[Client], symbols)

    def _mine(self, model: Any, ids: set[Any]) -> set[int]:
        """Which of these ids are records of the user's, here or about to be."""
        found = matching(model.id, ids - {None}, model.id, model.user_id)
        return {row.id for row in found if row.user_id == self.user_id} | self.rows[model].keys()

    def _method(self, entry: Entry) -> dict[str, Any]:
        id, name, methods = entry.values["id"], entry.values["name"], self.methods
        methods.named[id] = name
        if methods.names.get(id, name) != name or methods.ids.get(name, id) != id:
            raise NotTaken(f"{name!r} or its id is another's here; payments find it by its name")
        methods.ids[name] = id
        return {"id": id, "name": name} if id in methods.names else dict(entry.values)

    def _client(self, entry: Entry) -> dict[str, Any]:
        values = {name: value for name, value in entry.values.items() if name != "currency_name"}
        return {**values, "user_id": self.user_id, "currency_id": self._currencies.of_client(entry).id}

    def _item(self, entry: Entry) -> dict[str, Any]:
        return {**entry.values, "user_id": self.user_id, "currency_id": self._currencies.of_symbol(entry.symbol).id}

    def _payment(self, entry: Entry) -> dict[str, Any]:
        """A payment; a way of paying that is not here yet gets an id when it is written."""
        values = dict(entry.values)
        invoice_id, name = values.get("invoice_id"), self.methods.name_of(values)
        if invoice_id is None:
            raise NotTaken(UNKNOWN_INVOICE)
        if invoice_id not in self._invoices:
            raise NotTaken(f"its invoice {invoice_id} is not here; add the answer that shows it")
        values.pop("payment_method", None)
        return {**values, "user_id": self.user_id, "payment_method_id": self.methods.id_of(name)}

    def _settle(self) -> None:
        """Count the new payments: into new invoices at once."""
        for row in self.rows[Payment].values():
            self.received[row["invoice_id"]] += row["amount_cents"]
        for id, row in self.rows[Invoice].items():
            row["paid_cents"] = paid = self.received.pop(id, 0)
            delivered = row["delivered_at"] is not None
            row["state"] = totals.state(row["closed"], delivered, row["total_cents"], paid)
            if note := paid_differently(self._entries[Invoice][id].said, row):
                self.report.note("invoice", id, note)
