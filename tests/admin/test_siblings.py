"""The admin's other lists, payment methods, invoices and users; and who may come in at all."""

import re
from typing import Any

import pytest
from databases import Database
from factories import at, make_client, make_invoice, make_payment, make_user
from flask import Flask
from inprocess import Http
from tables import by_row

METHODS, INVOICES, USERS = "/admin/payment_methods", "/admin/invoices", "/admin/users"
GIVEN = {1: "cash", 2: "check", 3: "credit card", 4: "bank transfer", 5: "PayPal"}
FORBIDDEN = {"status": 403, "error": "Forbidden"}
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


def names(admin: Http) -> dict[int, str]:
    return {row["id"]: row["name"] for row in admin.get(METHODS)["payment_methods"]}


def test_some_methods_are_there_from_the_start(admin: Http) -> None:
    assert names(admin) == GIVEN
    assert [row["id"] for row in admin.get(METHODS)["payment_methods"]] == [5, 4, 3, 2, 1]


def test_a_method_has_its_five_actions(admin: Http) -> None:
    response = admin.raw("POST", METHODS, payment_method={"name": "cheque", "id": 77})
    made = response.get_json()["payment_method"]
    assert (response.status_code, list(made)) == (201, ["id", "name", "created_at", "updated_at"])
    assert (made["id"], made["name"]) == (6, "cheque")
    assert re.fullmatch(STAMP, made["created_at"])
    assert response.headers["Location"] == f"http://localhost{METHODS}/6"
    path = f"{METHODS}/6"
    assert admin.get(path)["payment_method"] == made
    for verb, name in ((admin.put, "voucher"), (admin.patch, "gift card")):
        assert verb(path, payment_method={"name": name})["payment_method"]["name"] == name
    assert names(admin) == GIVEN | {6: "gift card"}
    assert admin.delete(path, status=204) is None
    admin.get(path, status=404)
    assert names(admin) == GIVEN


@by_row("sent", {"null": {"name": None}, "empty": {"name": ""}, "blanks": {"name": " "}, "absent": {"id": 9}})
def test_a_method_needs_a_name(admin: Http, sent: dict[str, Any]) -> None:
    assert admin.post(METHODS, payment_method=sent, status=422) == {"errors": {"name": ["can't be blank"]}}
    if "name" in sent:
        admin.put(f"{METHODS}/1", payment_method=sent, status=422)
    assert names(admin) == GIVEN


def test_a_name_is_there_once_in_exact_case(admin: Http) -> None:
    taken = {"errors": {"name": ["has already been taken"]}}
    assert admin.post(METHODS, payment_method={"name": "cash"}, status=422) == taken
    assert admin.put(f"{METHODS}/2", payment_method={"name": "cash"}, status=422) == taken
    assert admin.post(METHODS, payment_method={"name": "Cash"})["payment_method"]["name"] == "Cash"
    assert names(admin) == GIVEN | {6: "Cash"}


def test_a_used_method_can_be_neither_renamed_nor_deleted(admin: Http, database: Database, user: int) -> None:
    payment = make_payment(database, make_invoice(database, user), payment_method="cash")
    path = f"{METHODS}/1"
    assert admin.put(path, payment_method={"name": "coins"}, status=422)["errors"]
    assert admin.delete(path, status=422)["errors"]
    assert names(admin) == GIVEN
    assert admin.put(path, payment_method={"name": "cash"})["payment_method"]["name"] == "cash"
    admin.delete(f"{INVOICES}/1/invoice_payments/{payment}", status=204)
    admin.put(path, payment_method={"name": "coins"})
    admin.delete(path, status=204)
    assert set(names(admin)) == {2, 3, 4, 5}


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_an_unknown_method_is_missing(admin: Http, method: str) -> None:
    assert admin.raw(method, f"{METHODS}/99", payment_method={"name": "x"}).status_code == 404


@pytest.mark.parametrize("sent", [{}, {"payment_method": {}}, {"name": "cheque"}], ids=str)
def test_a_method_without_a_root_is_400(admin: Http, sent: dict[str, Any]) -> None:
    assert admin.post(METHODS, json=sent, status=400) == {"status": 400, "error": "Bad Request"}


INVOICE = {
    "id": 7,
    "user_id": 1,
    "client_id": 3,
    "invoice_no": "INV-9",
    "date": "2010-08-01",
    "due_date": None,
    "state": "partial",
    "currency": "JPY",
    "sub_total_cents": 20000,
    "discount_cents": 2000,
    "tax_cents": 1800,
    "tax2_cents": 900,
    "shipping_cents": 500,
    "total_cents": 21200,
    "paid_cents": 5000,
    "due_cents": 16200,
    "created_at": "2010-08-24T01:47:50Z",
    "updated_at": "2010-09-30T01:47:50Z",
}


def store_invoice(database: Database, user: int) -> None:
    cents = {name: value for name, value in INVOICE.items() if name.endswith("_cents") and name != "due_cents"}
    stamps = {name: at(INVOICE[name]) for name in ("created_at", "updated_at")}
    make_client(database, user, id=3, currency_id=69)
    numbers = {"id": 7, "client_id": 3, "currency_id": 69, "invoice_no": "INV-9", "state": "partial"}
    make_invoice(database, user, **numbers, **cents, **stamps)


def test_an_invoice_is_shown_in_integers(admin: Http, database: Database, user: int) -> None:
    store_invoice(database, user)
    shown = admin.get(f"{INVOICES}/7")["invoice"]
    assert list(shown.items()) == list(INVOICE.items())
    assert admin.get(INVOICES) == {"invoices": [shown]}
    in_xml = admin.get(f"{INVOICES}.xml")
    assert '<invoices type="array">\n  <invoice>\n    <id type="integer">7</id>\n' in in_xml
    assert '    <due-cents type="integer">16200</due-cents>\n' in in_xml
    admin.get(f"{INVOICES}/99", status=404)


def test_invoices_of_all_users_are_listed_newest_first(admin: Http, database: Database, user: int) -> None:
    second = make_user(database, "second")
    made = [make_invoice(database, owner) for owner in (user, second, user)]
    listed = admin.get(INVOICES)["invoices"]
    assert [(row["id"], row["user_id"]) for row in listed] == [(made[2], 1), (made[1], second), (made[0], 1)]
    found = admin.get(INVOICES, query={"q[user_id_eq]": second})["invoices"]
    assert [row["id"] for row in found] == [made[1]]


def test_a_user_is_shown_without_secrets(admin: Http, database: Database) -> None:
    stamps = {"created_at": at("2010-08-24T01:47:50Z"), "updated_at": at("2010-09-30T01:47:50Z")}
    id = make_user(database, "Zoë", disabled=True, **stamps)
    shown = admin.get(f"{USERS}/{id}")["user"]
    assert list(shown.items()) == [
        ("id", id),
        ("name", "Zoë"),
        ("email", "Zoë@example.test"),
        ("admin", False),
        ("disabled", True),
        ("created_at", "2010-08-24T01:47:50Z"),
        ("updated_at", "2010-09-30T01:47:50Z"),
    ]
    assert admin.get(USERS)["users"][0] == shown
    assert [row["name"] for row in admin.get(USERS, query={"q[admin_eq]": "true"})["users"]] == ["admin"]
    assert admin.get(f"{USERS}/99", status=404) == {"status": 404, "error": "Not Found"}


@pytest.mark.parametrize("name", ["login", "password_hash", "token_digest", "email_login", "version"])
def test_no_secret_can_be_searched_or_sorted_by(admin: Http, name: str) -> None:
    admin.get(USERS, query={f"q[{name}_start]": "a"}, status=422)
    admin.get(USERS, query={"order": f"{name}_asc"}, status=422)


READ_ONLY = [("POST", INVOICES), ("POST", USERS)] + [
    (method, f"{path}/1") for method in ("PUT", "PATCH", "DELETE") for path in (INVOICES, USERS)
]


@pytest.mark.parametrize(("method", "path"), READ_ONLY)
def test_invoices_and_users_can_only_be_looked_at(
    admin: Http, database: Database, user: int, method: str, path: str
) -> None:
    make_invoice(database, user)
    response = admin.raw(method, path, json={"invoice": {"state": "paid"}, "user": {"admin": True}})
    assert (response.status_code, response.get_json()) == (405, {"status": 405, "error": "Method Not Allowed"})
    assert "GET" in response.headers["Allow"]
    assert len(admin.get(USERS)["users"]) == 2


def test_admin_routes_are_for_admins(app: Flask, http: Http, admin: Http, database: Database, user: int) -> None:
    """Each one there is: 401 for nobody, 403 for an ordinary user, whether the record is there or not."""
    make_payment(database, make_invoice(database, user))
    before = admin.get(INVOICES), admin.get(METHODS), admin.get(f"{INVOICES}/1/invoice_payments")
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/admin")]
    assert len(rules) >= 10
    for rule in rules:
        for number in ("1", "99"):
            path = re.sub("<[^>]+>", number, rule.rule)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                refused = http.raw(method, path, json={})
                assert (refused.status_code, refused.get_json()) == (403, FORBIDDEN), f"{method} {path}"
                assert http.raw(method, path, json={}, auth=None).status_code == 401, f"{method} {path}"
    assert (admin.get(INVOICES), admin.get(METHODS), admin.get(f"{INVOICES}/1/invoice_payments")) == before


def test_forbidden_in_xml(http: Http) -> None:
    body = '<hash>\n  <status type="integer">403</status>\n  <error>Forbidden</error>\n</hash>'
    assert body in http.get(f"{USERS}.xml", status=403)


def test_an_unknown_admin_path_is_missing(admin: Http) -> None:
    assert admin.get("/admin/colours", status=404) == {"status": 404, "error": "Not Found"}


@pytest.mark.parametrize("path", [INVOICES, METHODS, USERS, f"{USERS}/1"])
def test_what_belongs_to_many_users_has_no_etag(admin: Http, path: str) -> None:
    response = admin.raw("GET", path)
    assert "ETag" not in response.headers
    assert response.headers["Cache-Control"] == "no-cache"


def test_what_is_below_an_invoice_has_one(admin: Http, database: Database, user: int) -> None:
    path = f"{INVOICES}/{make_invoice(database, user)}/invoice_payments"
    tag = admin.raw("GET", path).headers["ETag"]
    assert admin.raw("GET", path, headers={"If-None-Match": tag}).status_code == 304
    admin.post(path, invoice_payment={"amount_cents": 1, "date": "2024-01-15"})
    assert admin.raw("GET", path, headers={"If-None-Match": tag}).status_code == 200
