"""What belongs to another user is missing in a path and invalid in a body, on every route there is."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from inprocess import Http
from tables import by_row

from curdbee_compat.models.base import today

LINE = {"name_and_description": "Work", "price": "200", "quantity": 1}
SENT = {
    "client": {"name": "Mine now"},
    "invoice": {"summary": "Mine now", "line_items_attributes": [LINE]},
    "payment": {"date": "2010-09-30", "amount": "1"},
    "estimate": {"summary": "Mine now"},
    "item": {"name": "Mine now"},
    "recurring_profile": {"profile_name": "Mine now"},
}
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def make_ledger(http: Http, name: str) -> dict[str, int]:
    """Ids of one of everything, by the names that routes have for their variables."""
    client_id = http.post("/clients", client={"name": name})["client"]["id"]
    made = http.post("/invoices", invoice={"client_id": client_id, "line_items_attributes": [LINE]})["invoice"]
    path = f"/invoices/{made['id']}/payments"
    payment_id = http.post(path, payment={"date": "2010-09-30", "amount": "5"})["payment"]["id"]
    ledger = {"client_id": client_id, "invoice_id": made["id"], "payment_id": payment_id}
    ledger["line_id"] = made["line_items"][0]["id"]
    profile = {"profile_name": name, "start_date": today().isoformat()}
    for kind, sent in {"estimate": {}, "item": {"name": name}, "recurring_profile": profile}.items():
        ledger[f"{kind}_id"] = http.post(f"/{kind}s", json={kind: {"client_id": client_id, **sent}})[kind]["id"]
    return ledger


@pytest.fixture
def mine(http: Http) -> dict[str, int]:
    """What belongs to the user of `http`."""
    return make_ledger(http, "Mine")


@pytest.fixture
def foreign(stranger: Http, mine: dict[str, int]) -> dict[str, int]:
    """What belongs to the stranger."""
    return make_ledger(stranger, "Theirs")


def everything(http: Http) -> list[Any]:
    """All that a user can see."""
    invoices = http.get("/invoices")
    others = [http.get(path) for path in ("/clients", "/estimates", "/items", "/recurring_profiles")]
    return [*others, invoices, *(http.get(f"/invoices/{i['invoice']['id']}/payments") for i in invoices)]


def records(app: Flask) -> Iterator[tuple[str, str, list[str]]]:
    """Each public route that names a record: its methods, and its path as a template of the names in a ledger."""
    for rule in app.url_map.iter_rules():
        if not rule.arguments or rule.endpoint.partition(".")[0] != "api":
            continue
        path = rule.rule
        for name in rule.arguments:
            resource = path.partition(f"/<id:{name}>")[0].rpartition("/")[2]
            path = path.replace(f"<id:{name}>", f"{{{resource.removesuffix('s')}_id}}")
        for method in sorted(set(VERBS) & rule.methods):
            yield method, path, sorted(rule.arguments)


def test_every_route_that_names_a_record_is_tried(app: Flask) -> None:
    assert {path for _, path, _ in records(app)} >= {
        "/clients/{client_id}",
        "/invoices/{invoice_id}",
        "/invoices/{invoice_id}/payments",
        "/invoices/{invoice_id}/payments/{payment_id}",
        "/payments/{payment_id}",
    }


def test_another_users_records_are_missing_on_every_route(
    app: Flask, http: Http, stranger: Http, mine: dict[str, int], foreign: dict[str, int]
) -> None:
    before = everything(http), everything(stranger)
    for method, path, _ in records(app):
        for suffix in ("", ".xml"):
            response = http.raw(method, path.format(**foreign) + suffix, json=SENT)
            assert response.status_code == 404, f"{method} {path}"
            if method in ("GET", "HEAD"):
                assert http.raw(method, path.format(**mine) + suffix).status_code == 200, f"{method} {path}"
    assert (everything(http), everything(stranger)) == before


def test_a_foreign_part_makes_the_whole_path_missing(
    app: Flask, http: Http, stranger: Http, mine: dict[str, int], foreign: dict[str, int]
) -> None:
    before = everything(http), everything(stranger)
    nested = [(method, path) for method, path, arguments in records(app) if len(arguments) > 1]
    assert nested
    for method, path in nested:
        for name in [name for name in mine if f"{{{name}}}" in path]:
            response = http.raw(method, path.format(**mine | {name: foreign[name]}), json=SENT)
            assert response.status_code == 404, f"{method} {path} with a foreign {name}"
    assert (everything(http), everything(stranger)) == before


def test_lists_hold_the_users_own(http: Http, stranger: Http, mine: dict[str, int], foreign: dict[str, int]) -> None:
    for user, own in ((http, mine), (stranger, foreign)):
        assert [element["client"]["id"] for element in user.get("/clients")] == [own["client_id"]]
        assert [element["invoice"]["id"] for element in user.get("/invoices")] == [own["invoice_id"]]


def test_another_users_client_filters_to_nothing(http: Http, mine: dict[str, int], foreign: dict[str, int]) -> None:
    assert len(http.get("/invoices", query={"client": mine["client_id"]})) == 1
    assert http.get("/invoices", query={"client": foreign["client_id"]}) == []


BODIES = {
    "client-of-a-new-invoice": ("POST", "/invoices", "client_id", lambda ids: {"client_id": ids["client_id"]}),
    "client-of-an-invoice": ("PUT", "/invoices/{invoice_id}", "client_id", lambda ids: {"client_id": ids["client_id"]}),
    "line": (
        "PUT",
        "/invoices/{invoice_id}",
        "line_items_id",
        lambda ids: {"line_items_attributes": [{"id": ids["line_id"], "price": "1"}]},
    ),
    "dropped-line": (
        "PUT",
        "/invoices/{invoice_id}",
        "line_items_id",
        lambda ids: {"line_items_attributes": [{"id": ids["line_id"], "_destroy": True}]},
    ),
}


@by_row("method, path, attribute, body", BODIES)
def test_another_users_record_in_a_body_is_invalid(
    http: Http,
    stranger: Http,
    mine: dict[str, int],
    foreign: dict[str, int],
    method: str,
    path: str,
    attribute: str,
    body: Any,
) -> None:
    before = everything(http), everything(stranger)
    path = path.format(**mine)
    refused = http.raw(method, path, invoice=body(foreign))
    assert (refused.status_code, refused.get_json()) == (422, [[attribute, "is invalid"]])
    assert (everything(http), everything(stranger)) == before
    assert http.raw(method, path, invoice=body(mine)).status_code in (200, 201)


def test_an_owner_cannot_be_sent(http: Http, stranger: Http, mine: dict[str, int], foreign: dict[str, int]) -> None:
    before = everything(stranger)
    owner = {"user_id": 2, "user": {"id": 2}, "invoice_id": foreign["invoice_id"]}
    http.post("/clients", client={"name": "More", **owner})
    http.put(f"/clients/{mine['client_id']}", client=owner)
    http.post("/invoices", invoice={"client_id": mine["client_id"], **owner})
    path = f"/invoices/{mine['invoice_id']}/payments"
    http.post(path, payment={"date": "2010-09-30", "amount": "1", **owner})
    http.put(f"{path}/{mine['payment_id']}", payment=owner)
    assert (len(http.get("/clients")), len(http.get("/invoices")), len(http.get(path))) == (2, 2, 2)
    assert everything(stranger) == before
