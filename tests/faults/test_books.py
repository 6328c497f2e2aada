"""The books of the harness show what is wrong; and what is not wrong, they do not."""

from http.client import HTTPMessage

import sqlalchemy as sa
from backends import ON_SQLITE
from databases import Database
from factories import make_payment
from tables import by_row

from faults import checks
from faults.figures import Figures
from faults.journal import Journal, Record, State
from faults.load import Answer, wrong_with
from faults.messages import Message


def known(journal: Journal, *states: State, answered: bool = True) -> Record:
    """A record that was led through these states; the last write may have had no answer."""
    record = Record()
    for n, state in enumerate(states, 1):
        journal.sent(record, state)
        if answered or n < len(states):
            journal.answered(record)
    return record


@by_row(
    "states, answered, rows, verdicts",
    {
        "there once": ([("1",)], True, [("1",)], []),
        "not there": ([("1",)], True, [], ["lost"]),
        "twice": ([("1",)], True, [("1",), ("1",)], ["doubled"]),
        "of nobody": ([("1",)], True, [("1",), ("2",)], ["unsent"]),
        "changed": ([("1",), ("2",)], True, [("2",)], []),
        "not changed": ([("1",), ("2",)], True, [("1",)], ["lost"]),
        "before and after": ([("1",), ("2",)], True, [("1",), ("2",)], ["doubled", "lost"]),
        "half written": ([("1", "2")], True, [("2",)], ["lost"]),
        "half written, no answer": ([("1", "2")], False, [("1",)], ["lost"]),
        "deleted": ([("1",), None], True, [], []),
        "not deleted": ([("1",), None], True, [("1",)], ["lost"]),
        "no answer, not there": ([("1",)], False, [], []),
        "no answer, there": ([("1",)], False, [("1",)], ["stored"]),
        "no answer, twice": ([("1",)], False, [("1",), ("1",)], ["doubled", "stored", "stored"]),
        "no answer to a change": ([("1",), ("2",)], False, [("1",)], []),
        "no answer to a change, gone": ([("1",), ("2",)], False, [], ["lost"]),
        "no answer to a delete": ([("1",), None], False, [], ["stored"]),
        "a row without lines": ([("1",)], True, [("1",), ()], ["unsent"]),
    },
)
def test_the_journal_tells_what_is_wrong(
    states: list[State], answered: bool, rows: list[tuple[str, ...]], verdicts: list[str]
) -> None:
    journal = Journal()
    known(journal, *states, answered=answered)
    assert sorted(kind for kind, _ in journal.compare(rows)) == verdicts


@ON_SQLITE
@by_row(
    "statement, told",
    {
        "nothing": ("SELECT 1", ""),
        "paid": ("UPDATE invoices SET paid_cents = 1", "its payments come to 5000"),
        "total": ("UPDATE invoices SET total_cents = 1, state = 'paid'", "its lines come to 20000"),
        "line": ("UPDATE invoice_line_items SET price_cents = 1", "its lines come to 1"),
        "state": ("UPDATE invoices SET state = 'paid'", "should be partial"),
        "a key": ("UPDATE payments SET payment_method_id = 99", "PRAGMA foreign_key_check"),
        "trail": ("UPDATE users SET audit_length = 5", "cut off after entry 0 of 5"),
        "orphan": ("UPDATE payments SET invoice_id = 99", "payments of invoice 99"),
    },
)
def test_contradictions_are_found(database: Database, invoice_id: int, statement: str, told: str) -> None:
    make_payment(database, invoice_id)
    with sa.create_engine(database.url, poolclass=sa.NullPool).begin() as connection:  # where keys are not enforced
        connection.exec_driver_sql(statement)
    found = "\n".join(checks.contradictions(database.engine))
    assert told in found
    assert bool(found) == bool(told)


@by_row(
    "status, headers, fault",
    {
        "success": (201, {}, None),
        "503": (503, {"Retry-After": "1", "Content-Type": "application/json"}, None),
        "503 that says nothing": (503, {"Content-Type": "application/json"}, "503 without Retry-After"),
        "503 in another format": (503, {"Retry-After": "1", "Content-Type": "text/html"}, "503 as text/html"),
        "500": (500, {}, "status 500: b''"),
        "404": (404, {}, "status 404: b''"),
    },
)
def test_only_a_success_or_a_proper_503_will_do(status: int, headers: dict[str, str], fault: str | None) -> None:
    sent = HTTPMessage()
    for name, value in headers.items():
        sent[name] = value
    assert wrong_with(Answer(status, sent, b""), Message("GET", "/payments/1.json")) == fault


def test_a_request_past_the_limit_is_a_violation() -> None:
    figures = Figures("any", "any")
    figures.took(10.1, reading=True)
    assert (figures.failed, figures.violations) == (1, ["any, any: failed: a request took 10.1 s"])
