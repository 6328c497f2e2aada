"""Writes at once in four processes: each happens once, all add up, and none fails because of another."""

import random
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import sqlalchemy as sa
from backends import Backend
from crowd import FourWorkers, Job, at_once, done, stop
from factories import make_user

from curdbee_compat.models.user import token_digest

LINE = {"name_and_description": "Work", "price": "2000.00", "quantity": 1}


@dataclass(frozen=True)
class Writer:
    """A user of the served app, by token: what is tested is not hashing."""

    id: int
    token: str

    def job(self, method: str, path: str, value: Any = None) -> Job:
        return Job(method, path, (self.token, ""), value)

    def pay(self, invoice_id: int, amount: str, **more: str) -> Job:
        payment = {"date": "2010-09-30", "amount": amount, **more}
        return self.job("POST", f"/invoices/{invoice_id}/payments", {"payment": payment})

    def batch(self, invoice_id: int, ids: list[int], action: str, **inputs: Any) -> Job:
        selected = {"batch_action": action, "collection_selection": ids, "batch_action_inputs": inputs}
        return self.job("POST", f"/admin/invoices/{invoice_id}/invoice_payments/batch_action", {"hash": selected})


class Crowd:
    """Users of one served app, and what they do to it at once."""

    def __init__(self, served: FourWorkers) -> None:
        self.server, self.database = served.server, served.database

    def writer(self, admin: bool = False) -> Writer:
        """A user nobody else is."""
        token = f"writer-{secrets.token_hex(8)}"
        values = {"email": None, "token_digest": token_digest(token), "admin": admin}
        return Writer(make_user(self.database, f"name-of-{token}", "unused", **values), token)

    def do(self, jobs: list[Job], *statuses: int, count: int = 16) -> list[Any]:
        """Do all at once; the bodies of answers that must have one of these statuses."""
        return done(at_once(self.server, jobs, count), *statuses)

    def one(self, job: Job) -> Any:
        """Do it alone, and it must work."""
        return self.do([job], 200, 201, count=1)[0]

    def client(self, writer: Writer) -> int:
        return self.one(writer.job("POST", "/clients", {"client": {"name": "Acme"}}))["client"]["id"]

    def invoice(self, writer: Writer, client_id: int) -> int:
        """An invoice over 2000.00."""
        invoice = {"client_id": client_id, "line_items_attributes": [LINE]}
        return self.one(writer.job("POST", "/invoices", {"invoice": invoice}))["invoice"]["id"]

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """What stands in the database."""
        with self.database.engine.connect() as connection:
            return connection.execute(sa.text(statement), values).all()


@pytest.fixture(scope="module")
def started() -> Iterator[dict[str, FourWorkers]]:
    """What `crowd` has started, by kind of database."""
    made: dict[str, FourWorkers] = {}
    yield made
    stop(made.values())


@pytest.fixture
def crowd(started: dict[str, FourWorkers], backend: str, running: Backend, instance: Path) -> Iterator[Crowd]:
    """The app in four processes; a failing test shows what it logged meanwhile."""
    if backend not in started:
        started[backend] = FourWorkers(running, "writers", instance)
    served = started[backend]
    before = len(served.server.log)
    yield Crowd(served)
    print(served.server.log[before:])


@pytest.fixture
def ann(crowd: Crowd) -> Writer:
    """A user who is new."""
    return crowd.writer()


def test_fifty_payments_at_once_on_one_invoice_all_count(crowd: Crowd, ann: Writer) -> None:
    invoice_id = crowd.invoice(ann, crowd.client(ann))
    made = crowd.do([ann.pay(invoice_id, f"{n}.01", payment_method="cash") for n in range(1, 51)], 201)
    assert len({body["payment"]["id"] for body in made}) == 50
    listed = crowd.one(ann.job("GET", f"/invoices/{invoice_id}/payments"))
    assert sorted(Decimal(row["payment"]["amount"]) for row in listed) == [Decimal(f"{n}.01") for n in range(1, 51)]
    invoice = crowd.one(ann.job("GET", f"/invoices/{invoice_id}"))["invoice"]
    assert (invoice["paid_total"], invoice["total_due"], invoice["state"]) == ("$1275.50", "$724.50", "partial")
    assert {row["payment"]["balance"] for row in listed} == {"724.50"}


def test_readers_meanwhile_see_each_payment_whole_or_not_at_all(crowd: Crowd, ann: Writer) -> None:
    invoice_id = crowd.invoice(ann, crowd.client(ann))
    reads = [ann.job("GET", f"/invoices/{invoice_id}/payments") for _ in range(40)]
    writes = [ann.pay(invoice_id, "10.00") for _ in range(40)]
    answers = crowd.do([job for pair in zip(reads, writes, strict=True) for job in pair], 200, 201)
    lists = [[row["payment"] for row in answer] for answer in answers[::2]]
    assert len({len(rows) for rows in lists}) > 2
    for rows in lists:
        assert {row["balance"] for row in rows} <= {f"{2000 - 10 * len(rows)}.00"}


def test_everything_at_once_on_the_invoices_of_one_user(crowd: Crowd, ann: Writer) -> None:
    """Payments, new invoices, new lines and the batches of admins: no 5xx, no deadlock, and all adds up."""
    admin, client_id = crowd.writer(admin=True), crowd.client(ann)
    invoices = [crowd.invoice(ann, client_id) for _ in range(8)]
    paid = crowd.do([ann.pay(id, "1.00") for id in invoices for _ in range(4)], 201)
    ids = [body["payment"]["id"] for body in paid]
    jobs: list[Job] = []
    for n, id in enumerate(invoices):
        first, second, third, fourth = ids[4 * n : 4 * n + 4]
        jobs += [ann.pay(id, "5.00", payment_method="cash") for _ in range(4)]
        jobs += [ann.job("POST", "/invoices", {"invoice": {"client_id": client_id}}) for _ in range(4)]
        jobs.append(admin.batch(id, [third, second, first], "mark_accounted"))
        jobs.append(admin.batch(id, [first, second], "update", amount_cents=300))
        jobs.append(ann.job("PUT", f"/invoices/{id}", {"invoice": {"line_items_attributes": [LINE]}}))
        jobs.append(ann.job("DELETE", f"/invoices/{id}/payments/{fourth}"))
    random.Random(1).shuffle(jobs)
    crowd.do(jobs, 200, 201)
    numbers = crowd.rows("SELECT invoice_no FROM invoices WHERE user_id = :id", id=ann.id)
    assert sorted(int(number) for (number,) in numbers) == list(range(1, 8 + 32 + 1))
    sums = crowd.rows(
        "SELECT i.total_cents, i.paid_cents, sum(p.amount_cents), count(p.id) FROM invoices i"
        " JOIN payments p ON p.invoice_id = i.id WHERE i.user_id = :id GROUP BY i.id, i.total_cents, i.paid_cents",
        id=ann.id,
    )
    received = 2 * 300 + 100 + 4 * 500
    assert sums == [(400_000, received, received, 7)] * 8
    accounted = crowd.rows("SELECT count(*) FROM payments WHERE user_id = :id AND accounted", id=ann.id)
    assert accounted == [(3 * 8,)]


def test_many_users_at_once_do_not_mix(crowd: Crowd) -> None:
    users = [crowd.writer() for _ in range(6)]
    clients = [crowd.client(user) for user in users]
    jobs = [
        user.job("POST", "/invoices", {"invoice": {"client_id": client_id}})
        for _ in range(8)
        for user, client_id in zip(users, clients, strict=True)
    ]
    crowd.do(jobs, 201)
    for user in users:
        listed = crowd.one(user.job("GET", "/invoices?per_page=500"))
        assert [row["invoice"]["invoice_no"] for row in listed] == [str(n) for n in range(1, 9)]


def test_the_first_use_of_a_payment_method_by_several_makes_one(crowd: Crowd) -> None:
    users = [crowd.writer() for _ in range(8)]
    invoices = [crowd.invoice(user, crowd.client(user)) for user in users]
    names = [f"cheque {secrets.token_hex(4)}" for _ in range(6)]
    jobs = [
        user.pay(invoice, "1.00", payment_method=name)
        for name in names
        for user, invoice in zip(users, invoices, strict=True)
    ]
    made = crowd.do(jobs, 201, count=8)
    assert [body["payment"]["payment_method"] for body in made] == [name for name in names for _ in users]
    for name in names:
        found = crowd.rows(
            "SELECT m.id, count(p.id) FROM payment_methods m JOIN payments p ON p.payment_method_id = m.id"
            " WHERE m.name = :name GROUP BY m.id",
            name=name,
        )
        assert [count for _, count in found] == [8]


def test_one_of_several_deletions_counts(crowd: Crowd, ann: Writer) -> None:
    invoice_id = crowd.invoice(ann, crowd.client(ann))
    for _ in range(3):
        path = f"/invoices/{invoice_id}/payments/{crowd.one(ann.pay(invoice_id, '7.00'))['payment']['id']}"
        statuses = [answer.status for answer in at_once(crowd.server, [ann.job("DELETE", path)] * 8, 8)]
        assert sorted(statuses) == [200] + [404] * 7
    assert crowd.rows("SELECT paid_cents FROM invoices WHERE id = :id", id=invoice_id) == [(0,)]


def test_one_of_several_invoices_of_the_same_number_is_made(crowd: Crowd, ann: Writer) -> None:
    invoice = {"client_id": crowd.client(ann), "invoice_no": "A-1"}
    answers = at_once(crowd.server, [ann.job("POST", "/invoices", {"invoice": invoice})] * 8, 8)
    assert sorted(answer.status for answer in answers) == [201] + [422] * 7
    assert {answer.body for answer in answers if answer.status == 422} == {b'[["invoice_no","has already been taken"]]'}


def test_a_client_is_either_billed_or_deleted(crowd: Crowd, ann: Writer) -> None:
    clients = [crowd.client(ann) for _ in range(8)]
    jobs = [
        job
        for id in clients
        for job in (
            ann.job("POST", "/invoices", {"invoice": {"client_id": id}}),
            ann.job("DELETE", f"/clients/{id}"),
        )
    ]
    statuses = [answer.status for answer in at_once(crowd.server, jobs)]
    assert set(zip(statuses[::2], statuses[1::2], strict=True)) <= {(201, 422), (422, 200)}


def test_ids_are_not_given_again_after_the_last_row_is_deleted(crowd: Crowd, ann: Writer) -> None:
    client_id = crowd.client(ann)
    invoice_id = crowd.invoice(ann, client_id)
    seen: list[int] = []
    for _ in range(3):
        seen.append(crowd.one(ann.pay(invoice_id, "1.00"))["payment"]["id"])
        crowd.one(ann.job("DELETE", f"/invoices/{invoice_id}/payments/{seen[-1]}"))
    assert seen == sorted(set(seen))
    crowd.one(ann.job("DELETE", f"/invoices/{invoice_id}"))
    crowd.one(ann.job("DELETE", f"/clients/{client_id}"))
    assert crowd.client(ann) > client_id
    assert crowd.invoice(ann, crowd.client(ann)) > invoice_id


@pytest.mark.parametrize("backend", ["postgres"], indirect=True)
def test_a_payment_whose_method_goes_away_meanwhile_is_no_fault_of_ours(crowd: Crowd, ann: Writer) -> None:
    """It was deleted before the payment looked, and committed after: only the foreign key can tell."""
    invoice_id = crowd.invoice(ann, crowd.client(ann))
    name = f"barter {secrets.token_hex(4)}"
    paid = crowd.one(ann.pay(invoice_id, "1.00", payment_method=name))["payment"]["id"]
    crowd.one(ann.job("DELETE", f"/invoices/{invoice_id}/payments/{paid}"))
    job = ann.pay(invoice_id, "1.00", payment_method=name)
    with ThreadPoolExecutor(1) as thread, crowd.database.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM payment_methods WHERE name = :name"), {"name": name})
        answer = thread.submit(at_once, crowd.server, [job], 1)
        until_locked(crowd)
        connection.commit()
        assert answer.result()[0].status in (201, 409, 503), answer.result()[0].body


def until_locked(crowd: Crowd) -> None:
    """Wait until somebody waits for a lock."""
    deadline = monotonic() + 10
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while crowd.rows(waiting) == [(0,)]:
        assert monotonic() < deadline, "nobody waits"
        sleep(0.01)
