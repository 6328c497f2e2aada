"""ETags: a client that has the newest answer is told so; one that has any other never is."""

from collections.abc import Callable

import counting
import pytest
import sqlalchemy as sa
from databases import Database
from factories import make_user, token_of
from flask import Flask
from inprocess import Http
from tables import by_row

REVALIDATE = "private, max-age=0, must-revalidate"
GOOD = {"date": "2010-09-30", "amount": "100.00"}
LINE = {"name_and_description": "Work", "price": "10.00", "quantity": 1}


def tag(http: Http, path: str, **request: object) -> str:
    """The ETag of a read."""
    response = http.raw("GET", path, **request)
    assert response.status_code == 200, response.data
    return response.headers["ETag"]


@pytest.fixture
def reads(client_id: int, invoice_id: int, payments: str, payment: str) -> list[str]:
    """Every kind of read of one user's data in the public API."""
    lists = ["/clients", "/invoices", payments]
    records = [f"/clients/{client_id}", f"/invoices/{invoice_id}", payment, f"/payments/{payment.rpartition('/')[2]}"]
    return [path + suffix for path in lists + records for suffix in ("", ".json", ".xml")]


@pytest.fixture
def admin_reads(invoice_id: int, payment: str) -> list[str]:
    """Admin reads under one invoice."""
    below = f"/admin/invoices/{invoice_id}/invoice_payments"
    return [below, f"{below}.xml", f"{below}?scope=accounted", f"{below}/{payment.rpartition('/')[2]}"]


def test_every_read_of_one_users_data_has_a_strong_etag(http: Http, reads: list[str]) -> None:
    for path in reads:
        for method in ("GET", "HEAD"):
            response = http.raw(method, path)
            assert (response.status_code, response.headers["Cache-Control"]) == (200, REVALIDATE), path
            quoted = response.headers["ETag"]
            assert quoted[0] == quoted[-1] == '"', path
            assert len(quoted) > 2, path


def test_admin_reads_under_an_invoice_have_an_etag(admin: Http, admin_reads: list[str]) -> None:
    for path in admin_reads:
        response = admin.raw("GET", path)
        assert (response.status_code, response.headers["Cache-Control"]) == (200, REVALIDATE), path
        again = admin.raw("GET", path, headers={"If-None-Match": response.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), path


@pytest.mark.parametrize("path", ["invoices", "users", "payment_methods", "invoices/1", "users/1", "payment_methods/1"])
def test_admin_reads_across_users_have_none_and_are_never_304(admin: Http, invoice_id: int, path: str) -> None:
    for suffix in ("", ".xml"):
        for header in ("*", '"anything"'):
            response = admin.raw("GET", f"/admin/{path}{suffix}", headers={"If-None-Match": header})
            assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-cache")
            assert "ETag" not in response.headers


@by_row(
    "sent",
    {
        "the-tag": "{}",
        "weak": "W/{}",
        "among-several": '"one", {}, "two"',
        "weak-among-several": '"one",W/{}',
        "any": "*",
    },
)
def test_what_the_client_has_already_is_304_without_body_and_type(http: Http, reads: list[str], sent: str) -> None:
    for path in reads:
        known = tag(http, path)
        for method in ("GET", "HEAD"):
            again = http.raw(method, path, headers={"If-None-Match": sent.format(known)})
            assert (again.status_code, again.data) == (304, b""), path
            assert not {"Content-Type", "Content-Length"} & set(again.headers.keys()), path
            assert (again.headers["ETag"], again.headers["Cache-Control"]) == (known, REVALIDATE), path


@by_row("sent", {"another": '"another"', "unquoted": "another", "empty": "", "part": "{part}"})
def test_any_other_tag_is_answered_in_full(http: Http, payments: str, payment: str, sent: str) -> None:
    part = tag(http, payments)[:-2] + '"'
    answer = http.raw("GET", payments, headers={"If-None-Match": sent.format(part=part)})
    assert (answer.status_code, len(answer.json)) == (200, 1)


def test_a_write_is_never_answered_with_304(http: Http, payments: str, payment: str) -> None:
    headers = {"If-None-Match": "*"}
    assert http.raw("POST", payments, json={"payment": GOOD}, headers=headers).status_code == 201
    assert http.raw("PUT", payment, json={"payment": {"amount": "1"}}, headers=headers).status_code == 200
    assert http.raw("DELETE", payment, headers=headers).status_code == 200


def test_a_failed_read_has_no_etag_and_no_304(http: Http, payments: str) -> None:
    for path, status in ((f"{payments}/999", 404), ("/nothing", 404), (f"{payments}.yaml", 406)):
        response = http.raw("GET", path, headers={"If-None-Match": "*"})
        assert (response.status_code, response.headers["Cache-Control"]) == (status, "no-cache")
        assert "ETag" not in response.headers


@by_row(
    "write",
    {
        "payment-created": lambda http, client, invoice, payment: http.post(
            f"/invoices/{invoice}/payments", payment=GOOD
        ),
        "payment-changed": lambda http, client, invoice, payment: http.put(payment, payment={"amount": "51"}),
        "payment-deleted": lambda http, client, invoice, payment: http.delete(payment),
        "client-created": lambda http, client, invoice, payment: http.post("/clients", client={"name": "Zeta"}),
        "client-renamed": lambda http, client, invoice, payment: http.put(
            f"/clients/{client}", client={"name": "Zeta"}
        ),
        "invoice-created": lambda http, client, invoice, payment: http.post("/invoices", invoice={"client_id": client}),
        "line-added": lambda http, client, invoice, payment: http.put(
            f"/invoices/{invoice}", invoice={"line_items_attributes": [LINE]}
        ),
    },
)
def test_a_write_by_the_public_api_changes_every_tag(
    http: Http, client_id: int, invoice_id: int, payment: str, write: Callable[..., object]
) -> None:
    paths = ["/clients", "/invoices", f"/invoices/{invoice_id}", f"/invoices/{invoice_id}/payments"]
    before = [tag(http, path) for path in paths]
    write(http, client_id, invoice_id, payment)
    for path, old in zip(paths, before, strict=True):
        answer = http.raw("GET", path, headers={"If-None-Match": old})
        assert (answer.status_code, answer.headers["ETag"] == old) == (200, False), path


def test_a_deleted_invoice_changes_the_list(http: Http, payment: str, invoice_id: int) -> None:
    before = tag(http, "/invoices")
    http.delete(f"/invoices/{invoice_id}")
    assert tag(http, "/invoices") != before


@by_row(
    "method, below, sent",
    {
        "created": ("POST", "", {"invoice_payment": {"amount_cents": 1, "date": "2010-09-30"}}),
        "changed": ("PUT", "/{id}", {"invoice_payment": {"accounted": True}}),
        "deleted": ("DELETE", "/{id}", {}),
        "batch": ("POST", "/batch_action", {"hash": {"batch_action": "mark_accounted", "collection_selection": [1]}}),
    },
)
def test_a_write_by_the_admin_api_changes_the_owners_tags(
    http: Http, admin: Http, invoice_id: int, payment: str, method: str, below: str, sent: dict
) -> None:
    path = f"/admin/invoices/{invoice_id}/invoice_payments"
    before = [tag(http, payment.rpartition("/")[0]), tag(http, "/invoices"), tag(admin, path)]
    response = admin.raw(method, path + below.format(id=payment.rpartition("/")[2]), **sent)
    assert response.status_code < 300, response.data
    after = [tag(http, payment.rpartition("/")[0]), tag(http, "/invoices"), tag(admin, path)]
    assert not set(before) & set(after)


@by_row(
    "statement",
    {
        "payment": "UPDATE payments SET amount_cents = 5100",
        "payment-deleted": "DELETE FROM payments",
        "line": "UPDATE invoice_line_items SET unit = 'hours'",
        "invoice": "UPDATE invoices SET notes = 'paid by post'",
        "client": "UPDATE clients SET name = 'Zeta'",
    },
)
def test_plain_sql_of_another_connection_changes_them(
    http: Http, admin: Http, database: Database, reads: list[str], admin_reads: list[str], statement: str
) -> None:
    kept = [path for path in reads if path.startswith(("/clients", "/invoices")) and path.count("/") < 4]
    before = [tag(http, path) for path in kept] + [tag(admin, admin_reads[0])]
    with database.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    after = [tag(http, path) for path in kept] + [tag(admin, admin_reads[0])]
    assert not set(before) & set(after)


def test_a_write_of_another_user_changes_nothing(
    http: Http, stranger: Http, admin: Http, admin_reads: list[str]
) -> None:
    paths = ["/clients", "/invoices"]
    before = [tag(http, path) for path in paths] + [tag(admin, path) for path in admin_reads]
    client = stranger.post("/clients", client={"name": "Beta"})["client"]["id"]
    stranger.post("/invoices", invoice={"client_id": client})
    assert [tag(http, path) for path in paths] + [tag(admin, path) for path in admin_reads] == before


def test_what_was_refused_or_rolled_back_changes_nothing(http: Http, database: Database, payments: str) -> None:
    before = tag(http, payments)
    assert http.raw("POST", payments, payment={"amount": "1"}).status_code == 422
    assert http.raw("DELETE", f"{payments}/999").status_code == 404
    with database.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE invoices SET notes = 'never'")
        connection.rollback()
    assert tag(http, payments) == before


def test_a_tag_belongs_to_one_format_page_and_user(
    http: Http, stranger: Http, admin: Http, payments: str, admin_reads: list[str], database: Database
) -> None:
    make_user(database, "boss", admin=True)
    own = [payments, f"{payments}.xml", f"{payments}?page=1", f"{payments}?page=2", f"{payments}?page=1&per_page=1"]
    tags = [tag(http, path) for path in [*own, "/clients", "/invoices"]]
    tags += [tag(stranger, path) for path in ("/clients", "/clients.xml", "/invoices")]
    tags += [tag(admin, path) for path in (*admin_reads, "/clients")]
    tags += [tag(admin, path, auth=("boss", "boss")) for path in (*admin_reads, "/clients")]
    assert len(set(tags)) == len(tags)
    assert tag(http, payments, headers={"Accept": "text/xml"}) != tag(http, payments)


def test_a_write_that_comes_between_does_not_get_the_tag_of_what_was_read(
    app: Flask, http: Http, database: Database, payments: str, payment: str
) -> None:
    """The version is read before the rows; else old rows would carry the new version's tag for good."""
    sneaked = []

    def sneak(statement: str) -> None:
        if "payments" in statement and not sneaked:
            sneaked.append(statement)
            with database.engine.begin() as other:
                other.exec_driver_sql("UPDATE payments SET amount_cents = 5100")

    for when in ("before", "after"):
        sneaked.clear()
        http.put(payment, payment={"amount": "50.00"})  # nothing of this version is kept yet
        with counting.read(**{when: sneak}):
            first = http.raw("GET", payments)
        fresh = http.raw("GET", payments)
        assert sneaked
        assert fresh.headers["ETag"] != first.headers["ETag"]


def test_it_is_the_same_however_often_it_is_asked_for(http: Http, reads: list[str]) -> None:
    assert [tag(http, path) for path in reads] == [tag(http, path) for path in reads]
    assert tag(http, "/clients", auth=(token_of("demo"), "")) == tag(http, "/clients")


def test_a_restored_database_shares_no_tag_with_what_it_was(http: Http, database: Database, reads: list[str]) -> None:
    """Its versions start again from what they were when it was saved."""
    before = {tag(http, path) for path in reads}
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE installation SET epoch = 'restored'"))
    assert not before & {tag(http, path) for path in reads}
