"""How many SQL statements a request sends: on Postgres each costs a round trip, so none may be sent per row."""

from collections.abc import Iterator

import pytest
from counting import statements
from databases import Database
from factories import make_client, make_invoice, make_payments
from flask import Flask
from inprocess import Http
from tables import by_row

LINES = [{"name_and_description": f"Line {n}", "price": "1.00", "quantity": 1} for n in range(3)]
METHODS = ("cash", "check", None)


@pytest.fixture
def sent(app: Flask, http: Http, admin: Http) -> Iterator[list[str]]:
    """The statements sent meanwhile, by users whose passwords were verified before."""
    http.get("/clients")
    admin.get("/clients")
    with statements(app) as seen:
        yield seen


def cost(sent: list[str], http: Http, method: str, path: str, **request: object) -> int:
    """How many statements one request sent that did what was asked."""
    sent.clear()
    response = http.raw(method, path, **request)
    assert response.status_code < 300, response.get_data(as_text=True)[:500]
    return len(sent)


def shown(sent: list[str]) -> str:
    """The first of the statements, each cut to a line."""
    return "\n".join(" ".join(statement.split())[:160] for statement in sent[:12])


def paid(database: Database, user_id: int, count: int) -> int:
    """An invoice with that many payments, by different methods."""
    invoice_id = make_invoice(database, user_id)
    rows = [{"payment_method": METHODS[number % 3]} for number in range(count)]
    return make_payments(database, invoice_id, rows) and invoice_id


@pytest.mark.parametrize("count", [1, 50, 500])
@pytest.mark.parametrize("suffix", ["", ".xml"])
def test_a_list_of_payments_sends_two(
    sent: list[str], http: Http, database: Database, user: int, count: int, suffix: str
) -> None:
    invoice_id = paid(database, user, count)
    path = f"/invoices/{invoice_id}/payments{suffix}"
    assert cost(sent, http, "GET", path) <= 2, shown(sent)
    assert cost(sent, http, "GET", f"{path}?page=2&per_page=20") <= 2, shown(sent)
    assert cost(sent, http, "HEAD", path) <= 2, shown(sent)


def test_an_empty_list_of_payments_sends_two(sent: list[str], http: Http, payments: str) -> None:
    assert cost(sent, http, "GET", payments) <= 2, shown(sent)


def test_a_payment_sends_two(sent: list[str], http: Http, payment: str) -> None:
    assert cost(sent, http, "GET", payment) <= 2, shown(sent)
    assert cost(sent, http, "GET", f"/payments/{payment.rpartition('/')[2]}.xml") <= 2, shown(sent)


@pytest.mark.parametrize("count", [1, 20, 60])
def test_a_list_of_invoices_sends_four(sent: list[str], http: Http, database: Database, user: int, count: int) -> None:
    client_id = make_client(database, user)
    for _ in range(count):
        make_invoice(database, user, client_id=client_id)
    for path in ("/invoices", "/invoices.xml", f"/invoices?client={client_id}", "/invoices?per_page=500"):
        assert cost(sent, http, "GET", path) <= 4, shown(sent)


def test_lines_and_clients_of_invoices_cost_nothing_each(sent: list[str], http: Http) -> None:
    for number in range(5):
        client_id = http.post("/clients", client={"name": f"Client {number}"})["client"]["id"]
        made = http.post("/invoices", invoice={"client_id": client_id, "line_items_attributes": LINES})
    assert cost(sent, http, "GET", "/invoices") <= 4, shown(sent)
    assert cost(sent, http, "GET", f"/invoices/{made['invoice']['id']}") <= 4, shown(sent)


@pytest.mark.parametrize("count", [1, 60])
def test_a_list_of_clients_sends_two(sent: list[str], http: Http, database: Database, user: int, count: int) -> None:
    ids = [make_client(database, user, currency_id=150 - number % 5) for number in range(count)]
    assert cost(sent, http, "GET", "/clients?per_page=500") <= 2, shown(sent)
    assert cost(sent, http, "GET", f"/clients/{ids[0]}.xml") <= 2, shown(sent)


@by_row(
    "method",
    {"with-a-method": {"payment_method": "cash"}, "without": {}, "with-an-empty-one": {"payment_method": ""}},
)
@pytest.mark.parametrize("count", [1, 100])
def test_creating_a_payment_sends_six_however_many_there_are(
    sent: list[str], http: Http, database: Database, user: int, method: dict, count: int
) -> None:
    invoice_id = paid(database, user, count)
    payment = {"date": "2010-09-30", "amount": "1.00", **method}
    for suffix in ("", ".xml"):
        path = f"/invoices/{invoice_id}/payments{suffix}"
        assert cost(sent, http, "POST", path, json={"payment": payment}) <= 6, shown(sent)


@pytest.mark.parametrize("count", [1, 500])
def test_an_admin_list_sends_three(sent: list[str], admin: Http, database: Database, user: int, count: int) -> None:
    invoice_id = paid(database, user, count)
    make_invoice(database, user)
    below = f"/admin/invoices/{invoice_id}/invoice_payments"
    paths = [below, f"{below}.xml", f"{below}.csv", f"{below}?per_page=1000&order=date_asc&scope=unaccounted"]
    paths += [f"{below}?q[amount_cents_gteq]=1", f"{below}?page=2", "/admin/invoices", "/admin/payment_methods"]
    for path in [*paths, "/admin/invoices.csv", "/admin/users.xml"]:
        assert cost(sent, admin, "GET", path) <= 3, (path, shown(sent))


@by_row(
    "batch",
    {
        "mark_accounted": {"batch_action": "mark_accounted"},
        "update": {"batch_action": "update", "batch_action_inputs": {"payment_method_id": 2, "amount_cents": 7}},
        "destroy": {"batch_action": "destroy"},
    },
)
def test_a_batch_sends_as_many_for_a_hundred_payments_as_for_two(
    sent: list[str], admin: Http, database: Database, user: int, batch: dict
) -> None:
    costs = []
    for count in (2, 100):
        invoice_id = make_invoice(database, user)
        ids = make_payments(database, invoice_id, [{"payment_method": "cash"}] * count)
        path = f"/admin/invoices/{invoice_id}/invoice_payments/batch_action"
        costs.append(cost(sent, admin, "POST", path, json={"hash": {**batch, "collection_selection": ids}}))
    assert costs[0] == costs[1], shown(sent)


def test_a_long_invoice_reads_no_more_than_a_short_one(sent: list[str], http: Http, client_id: int) -> None:
    """Reads alone: SQLAlchemy inserts into SQLite row by row, where no statement makes a round trip."""
    reads = []
    for count in (2, 60):
        invoice = {"client_id": client_id, "line_items_attributes": LINES[:1] * count}
        cost(sent, http, "POST", "/invoices", json={"invoice": invoice})
        reads.append(sum(statement.startswith("SELECT") for statement in sent))
    assert reads[0] == reads[1] > 0, shown(sent)


def test_an_answer_that_the_client_has_already_costs_no_more(sent: list[str], http: Http, payments: str) -> None:
    tag = http.raw("GET", payments).headers["ETag"]
    sent.clear()
    assert http.raw("GET", payments, headers={"If-None-Match": tag}).status_code == 304
    assert len(sent) <= 2, shown(sent)
