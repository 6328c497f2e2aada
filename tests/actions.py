"""Every action of both APIs as requests, for tests of what one costs; they need `ledgers.ledger`, and this order."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from flask import Flask
from inprocess import Http
from kinds import KINDS, LINE
from werkzeug.test import TestResponse

from curdbee_compat import auth

STATEMENTS = ("invoices", "estimates", "recurring_profiles")
PAYMENTS, BELOW = "/invoices/1/payments", "/admin/invoices/1/invoice_payments"
# Whatever makes a query of another shape.
ONE = ("", ".xml")
LISTED = ("", ".xml", "?page=1&per_page=5", "?per_page=500", "?page=99")
BY_CLIENT = ("?client=1", "?client=1&page=1&per_page=5", "?client=99", "?client=junk")
ADMIN_LISTED = ("", ".xml", ".csv", "?page=2&per_page=5", "?order=id_asc", "?order=created_at_desc")
SEARCHED = (
    *("?scope=accounted", "?order=date_asc", "?order=amount_cents_desc", "?q[payment_method_id_in]=1,2"),
    *("?q[amount_cents_gteq]=1", "?q[date_lt]=2030-01-01&q[id_not_eq]=1", "?q[id_eq]=1", "?q[accounted_eq]=0"),
)
GOOD = {"date": "2010-09-30", "amount": "1.00"}


class Asked(NamedTuple):
    """A request; an admin sends it where the path is one of his."""

    method: str
    path: str
    sent: Any = None

    def of(self, http: Http, admin: Http) -> None:
        """Send it; it must succeed."""
        response = self.answered(http, admin)
        assert response.status_code < 300, (self, response.get_data(as_text=True)[:500])

    def answered(self, http: Http, admin: Http) -> TestResponse:
        """Send it; what comes back, whatever the status."""
        asking = admin if self.path.startswith("/admin") else http
        return asking.raw(self.method, self.path, **({} if self.sent is None else {"json": self.sent}))


Actions = dict[str, list[Asked]]


def routes(app: Flask) -> set[str]:
    """The names of all routes that need a login."""
    return {rule.endpoint for rule in app.url_map.iter_rules() if not auth.is_open(rule.rule)}


def route(action: str) -> str:
    """The route of an action, which may be named "route: how"."""
    return action.partition(":")[0]


def reads() -> Actions:
    """Every read."""
    found = {}
    for name in ("clients", "items", *STATEMENTS):
        found[f"api.{name}_index"] = gets(f"/{name}", LISTED + (BY_CLIENT if name in STATEMENTS else ()))
        found[f"api.{name}_show"] = gets(f"/{name}/1", ONE)
    return found | {
        "api.invoices_payments_index": gets(PAYMENTS, LISTED),
        "api.invoices_payments_show": gets(f"{PAYMENTS}/1", ONE),
        "api.payments_show": gets("/payments/1", ONE),
        "api.currencies_index": gets("/default_settings/currencies", ONE),
        "admin.invoices_invoice_payments_index": gets(BELOW, ADMIN_LISTED + SEARCHED),
        "admin.invoices_invoice_payments_show": gets(f"{BELOW}/1", ONE),
        "admin.invoices_index": gets("/admin/invoices", (*ADMIN_LISTED, "?q[user_id_eq]=1", "?q[client_id_in]=1,2")),
        "admin.invoices_show": gets("/admin/invoices/1", ONE),
        "admin.payment_methods_index": gets("/admin/payment_methods", ADMIN_LISTED),
        "admin.payment_methods_show": gets("/admin/payment_methods/1", ONE),
        "admin.users_index": gets("/admin/users", (*ADMIN_LISTED, "?q[name_eq]=demo")),
        "admin.users_show": gets("/admin/users/1", ONE),
    }


def writes(count: int) -> Actions:
    """Every write, on a ledger of so many records of each kind."""
    return creates() | updates(count) | batches(list(range(1, count + 1))) | destroys(count)


def gets(path: str, shapes: Iterable[str]) -> list[Asked]:
    """A path in all these shapes."""
    return [Asked("GET", path + shape) for shape in shapes]


def post(path: str, **sent: Any) -> list[Asked]:
    """One POST, of a root by its name."""
    return [Asked("POST", path, sent or None)]


def put(path: str, **sent: Any) -> list[Asked]:
    """One PUT."""
    return [Asked("PUT", path, sent)]


def delete(path: str) -> list[Asked]:
    """One DELETE."""
    return [Asked("DELETE", path)]


def creates() -> Actions:
    """Every request that makes a record."""
    sent = {}
    for name in ("clients", "items", *STATEMENTS):
        # Twice: one client is then given statements, one deleted.
        sent[f"api.{name}_create"] = post(f"/{name}", **{KINDS[name].root: KINDS[name].created}) * 2
    named = ({}, {"payment_method": "cash"}, {"payment_method": ""})
    sent["api.invoices_payments_create"] = [one for how in named for one in post(PAYMENTS, payment=GOOD | how)]
    first_use = GOOD | {"payment_method": "by post"}
    sent["api.invoices_payments_create: a new method"] = post(PAYMENTS, payment=first_use)
    for how, more in (("", {}), (": a method", {"payment_method_id": 2})):
        payment = {"date": "2010-09-30", "amount_cents": 100} | more
        sent[f"admin.invoices_invoice_payments_create{how}"] = post(BELOW, invoice_payment=payment)
    sent["admin.payment_methods_create"] = post("/admin/payment_methods", payment_method={"name": "IOU"})
    for name in ("invoices", "estimates"):
        sent[f"api.{name}_duplicate"] = post(f"/{name}/1/duplicate")
    return sent


def updates(count: int) -> Actions:
    """Every request that changes one record."""
    sent = {}
    for name in STATEMENTS:
        for how, values in (
            ("", KINDS[name].changed),
            (": nothing", {}),
            (": another client", {"client_id": count + 1}),
            (": lines", {"line_items_attributes": [LINE, {"id": 1, "price": "2.00"}]}),
        ):
            sent[f"api.{name}_update{how}"] = put(f"/{name}/1", **{KINDS[name].root: values})
    for name in ("clients", "items"):
        sent[f"api.{name}_update"] = put(f"/{name}/1", **{KINDS[name].root: KINDS[name].changed})
    for name in ("invoice", "estimate"):
        sent[f"api.{name}_deliver"] = post(f"/deliver/{name}/1", delivery={"recipients": "a@b.test"})
        sent[f"api.{name}s_close"] = post(f"/{name}s/1/close")
        sent[f"api.{name}s_reopen"] = post(f"/{name}s/1/reopen")
    return sent | {
        "api.convert": post(f"/estimates/{count + 1}/convert"),
        "api.invoices_payments_update": put(f"{PAYMENTS}/1", payment={"amount": "2.00"}),
        "admin.invoices_invoice_payments_update": put(f"{BELOW}/1", invoice_payment={"amount_cents": 1}),
        "admin.payment_methods_update": put("/admin/payment_methods/7", payment_method={"name": "Owed"}),
    }


def batches(ids: list[int]) -> Actions:
    """What is done to these payments at once."""
    inputs = {"payment_method_id": 2, "amount_cents": 7}
    sent = {"mark_accounted": {}, "mark_unaccounted": {}, "update": {"batch_action_inputs": inputs}, "destroy": {}}
    return {
        f"admin.batch_action: {name}": post(
            f"{BELOW}/batch_action", batch_action=name, collection_selection=ids, **more
        )
        for name, more in sent.items()
    }


def destroys(count: int) -> Actions:
    """Every request that deletes one record: payments that were made since, and a client of nobody's."""
    return {
        "api.invoices_payments_destroy": delete(f"{PAYMENTS}/{count + 1}"),
        "admin.invoices_invoice_payments_destroy": delete(f"{BELOW}/{count + 2}"),
        "admin.payment_methods_destroy": delete("/admin/payment_methods/7"),
        **{f"api.{name}_destroy": delete(f"/{name}/1") for name in ("items", *STATEMENTS)},
        "api.clients_destroy": delete(f"/clients/{count + 2}"),
    }
