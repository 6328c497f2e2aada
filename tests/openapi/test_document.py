"""The OpenAPI document is valid, complete, and says what the server does."""

import json
from collections.abc import Callable, Iterator

import pytest
from described import DOCUMENT, JSON, OPERATIONS, XML, Operation
from flask import Flask
from inprocess import Http
from openapi_spec_validator import OpenAPIV31SpecValidator
from tables import by_row
from werkzeug.test import TestResponse

BATCH = Operation("POST", "/admin/invoices/{invoice_id}/invoice_payments/batch_action")
LINE = {"name_and_description": "Work", "price": "200.00", "quantity": 1, "unit": "days"}
operations = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method} {each.path}")


@pytest.fixture
def ids(http: Http, admin: Http) -> dict[str, int]:
    """An id for each variable and each kind of record; the invoice has payment 1."""
    client = http.post("/clients", client={"name": "Acme", "email": "office@acme.example"})["client"]["id"]
    spare = http.post("/clients", client={"name": "Without invoices"})["client"]["id"]
    statement = {"client_id": client, "line_items_attributes": [LINE]}
    invoice = http.post("/invoices", invoice=statement)["invoice"]["id"]
    paid = {"date": "2010-09-25", "amount": "50.00", "payment_method": "cash"}
    profile = {**statement, "profile_name": "Hosting", "start_date": "2090-01-31"}
    return {
        "invoice_id": invoice,
        "invoices": invoice,
        "clients": spare,
        "payments": http.post(f"/invoices/{invoice}/payments", payment=paid)["payment"]["id"],
        "estimates": http.post("/estimates", estimate=statement)["estimate"]["id"],
        "items": http.post("/items", item={"name": "Work", "price": "5.00"})["item"]["id"],
        "recurring_profiles": http.post("/recurring_profiles", recurring_profile=profile)["recurring_profile"]["id"],
        "payment_methods": admin.post("/admin/payment_methods", payment_method={"name": "barter"})["payment_method"][
            "id"
        ],
        "users": 1,
    }


@pytest.fixture
def address(ids: dict[str, int]) -> Callable[[Operation], str]:
    """The path of an operation, with ids of records that are there."""
    ids |= {"invoice": ids["invoices"], "estimate": ids["estimates"], "invoice_payments": ids["payments"]}

    def filled(operation: Operation) -> str:
        above, _, below = operation.path.partition("/{id}")
        noun = above.rpartition("/")[2]
        return (
            f"{above}/{ids[noun]}{below}".format(**ids)
            if noun in ids and "{id}" in operation.path
            else (operation.path.format(**ids))
        )

    return filled


@pytest.fixture
def sender(http: Http, admin: Http) -> Callable[[Operation], Http]:
    """Who may call an operation."""
    return lambda operation: admin if operation.path.startswith("/admin/") else http


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_the_document_is_served_to_everybody(app: Flask) -> None:
    assert Http(app, None).get("/openapi.json") == json.loads(json.dumps(DOCUMENT))


def routed(app: Flask) -> Iterator[tuple[str, str]]:
    """Method and path of every route of both APIs, the path as OpenAPI writes it."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(("api.", "admin.")):
            path = rule.rule.replace("<id:", "{").replace(">", "}")
            yield from ((method, path) for method in rule.methods - {"HEAD", "OPTIONS"})


def test_every_route_is_in_the_document(app: Flask) -> None:
    assert {(each.method, each.path) for each in OPERATIONS} == set(routed(app))
    others = {rule.endpoint.split(".")[0] for rule in app.url_map.iter_rules()} - {"api", "admin"}
    assert others == {"static", "pages", "docs"}


@operations
def test_the_example_is_taken_and_answered_as_told(
    operation: Operation, address: Callable[[Operation], str], sender: Callable[[Operation], Http]
) -> None:
    sent = operation.sent(JSON)
    body = {} if sent is None else {"json": sent}
    response = sender(operation).raw(operation.method, address(operation), **body)
    assert response.status_code == operation.success, response.get_data(as_text=True)
    assert set(operation.response(operation.success).get("headers", {})) <= set(response.headers.keys())
    operation.check(response)


@operations
def test_it_is_the_same_in_xml(
    operation: Operation, address: Callable[[Operation], str], sender: Callable[[Operation], Http]
) -> None:
    sent = operation.sent(XML)
    body = {"json": operation.sent(JSON)} if operation.sent(JSON) else {}
    response = sender(operation).raw(
        operation.method, f"{address(operation)}.xml", **({"xml": sent} if sent is not None else body)
    )
    assert response.status_code == operation.success, response.get_data(as_text=True)
    operation.check(response)


def test_304_is_told_where_there_is_an_etag(
    address: Callable[[Operation], str], sender: Callable[[Operation], Http]
) -> None:
    for operation in OPERATIONS:
        told = "304" in operation.told["responses"]
        if operation.method != "GET":
            assert not told
            continue
        etag = sender(operation).raw("GET", address(operation)).headers.get("ETag")
        assert told == (etag is not None)
        if etag:
            again = sender(operation).raw("GET", address(operation), headers={"If-None-Match": etag})
            assert again.status_code == 304
            operation.check(again)


def test_the_usual_refusals_are_as_told(
    address: Callable[[Operation], str], sender: Callable[[Operation], Http], app: Flask
) -> None:
    for operation in OPERATIONS:
        for status, response in refused(operation, address(operation), sender(operation), app):
            assert response.status_code == status, (operation, response.get_data(as_text=True))
            operation.check(response)


def refused(operation: Operation, path: str, user: Http, app: Flask) -> Iterator[tuple[int, TestResponse]]:
    """Answers to requests that are refused whatever is in the database, each with the status it should have."""
    method = operation.method
    yield 401, Http(app, None).raw(method, path)
    yield 401, Http(app, None).raw(method, f"{path}.xml")
    yield 406, user.raw(method, f"{path}.yaml")
    yield 406, user.raw(method, path, headers={"Accept": "image/png"})
    if method != "GET":
        yield 413, user.raw(method, path, body=b" " * (app.config["MAX_CONTENT_LENGTH"] + 1))
    if "{" in operation.path:
        yield 404, user.raw(method, operation.path.format(id=999_999, invoice_id=999_999))
        yield 404, user.raw(method, operation.path.format(id=999_999, invoice_id=999_999) + ".xml")
    if method == "POST":
        yield 405, user.raw("POST", path, headers={"X-HTTP-Method-Override": "TRACE"})
    if "requestBody" in operation.told:
        yield 400, user.raw(method, path, body="{", content_type=JSON)
        yield 400, user.raw(method, f"{path}.xml", body="{", content_type=JSON)


@by_row(
    "method, path, sent",
    {
        "public create": ("POST", "/invoices", {"invoice": {}}),
        "public update": ("PUT", "/invoices/{id}", {"invoice": {"client_id": "x"}}),
        "delete": ("DELETE", "/clients/{id}", None),
        "deliver": ("POST", "/deliver/invoice/{id}", {"delivery": {"recipients": "nobody"}}),
        "admin create": ("POST", "/admin/payment_methods", {"payment_method": {"name": ""}}),
        "admin delete": ("DELETE", "/admin/payment_methods/{id}", None),
    },
)
def test_422_is_as_told(method: str, path: str, sent: object, ids: dict[str, int], http: Http, admin: Http) -> None:
    operation = Operation(method, path)
    user = admin if path.startswith("/admin") else http
    body = {"json": sent} if sent else {}
    for suffix in ("", ".xml"):
        response = user.raw(method, path.format(id=1) + suffix, **body)
        assert response.status_code == 422
        operation.check(response)


def test_refusals_of_a_batch_are_as_told(ids: dict[str, int], admin: Http) -> None:
    path = BATCH.path.format(invoice_id=ids["invoice_id"])
    action = {"collection_selection": [ids["payments"]], "batch_action": "update"}
    for status, sent in [
        (422, {"batch_action": "burn"}),
        (422, action | {"batch_action_inputs": {"payment_method_id": 999}}),
    ]:
        for suffix in ("", ".xml"):
            response = admin.raw("POST", path + suffix, json=sent)
            assert response.status_code == status
            BATCH.check(response)


def test_a_batch_names_what_is_missing_as_told(ids: dict[str, int], admin: Http) -> None:
    path = BATCH.path.format(invoice_id=ids["invoice_id"])
    sent = {"batch_action": "destroy", "collection_selection": [999]}
    response = admin.raw("POST", path, json=sent)
    assert response.status_code == 404
    BATCH.check(response)
    assert "<error>not found: 999</error>" in admin.post(f"{path}.xml", json=sent, status=404)


def test_an_unknown_search_is_refused_as_told(admin: Http) -> None:
    response = admin.raw("GET", "/admin/users", query={"q[colour_eq]": "red"})
    assert response.status_code == 422
    Operation("GET", "/admin/users").check(response)


def test_administrators_and_whoever_changes_something_are_told_of_403(http: Http) -> None:
    for operation in OPERATIONS:
        expected = operation.path.startswith("/admin/") or operation.method != "GET"
        assert ("403" in operation.told["responses"]) == expected
    response = http.raw("GET", "/admin/users")
    Operation("GET", "/admin/users").check(response)
