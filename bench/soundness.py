"""Whether it is fair to compare: the limit does the same work for the same bytes, and a first read is a first one."""

import re
from collections.abc import Sequence

from bench import rows
from bench.inprocess import quiet
from bench.scenarios import CHANGED, Scenario
from bench.targets import Answer, Target

MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SAME = ("content-type", "location")
WRITTEN = """SELECT p.user_id, p.invoice_id, p.amount_cents, p.payment_method_id, p.date, p.accounted,
    i.paid_cents, i.state, p.updated_at >= i.created_at, i.updated_at > i.created_at, u.version > ?
    FROM payments p JOIN invoices i ON i.id = p.invoice_id JOIN users u ON u.id = p.user_id
    ORDER BY p.id DESC LIMIT 1"""


class Unsound(Exception):
    """What was to be compared is not comparable; the text says where."""


def check(scenarios: Sequence[Scenario], application: Target, limit: Target) -> None:
    """Raise Unsound where the two do not do the same, or where a change would not be noticed."""
    with quiet():
        for scenario in scenarios:
            if scenario.limit is None:
                continue
            if scenario.request.method == "GET":
                _compare(scenario, application.ask(scenario.limit), limit.ask(scenario.limit))
            else:
                _compare_writes(scenario, application, limit)
            if scenario.between == CHANGED:
                _notices(scenario, application)


def _compare(scenario: Scenario, ours: Answer, theirs: Answer) -> None:
    status = 200 if scenario.revalidates else scenario.status
    if not ours.status == theirs.status == status:
        raise Unsound(f"{scenario.name}: the application answers {ours.status}, the limit {theirs.status}")
    for name in SAME:
        if ours.headers.get(name) != theirs.headers.get(name):
            raise Unsound(f"{scenario.name}: {name} {ours.headers.get(name)}, the limit's {theirs.headers.get(name)}")
    mine, his = (MOMENT.sub(b"*", answer.body) if status == 201 else answer.body for answer in (ours, theirs))
    if mine != his:
        place = next((at for at, pair in enumerate(zip(mine, his, strict=False)) if pair[0] != pair[1]), len(mine))
        around = slice(max(0, place - 40), place + 40)
        raise Unsound(f"{scenario.name}: from byte {place} on, {mine[around]!r}, the limit's {his[around]!r}")


def _compare_writes(scenario: Scenario, application: Target, limit: Target) -> None:
    versions = [(target, _version(target)) for target in (application, limit)]
    _compare(scenario, application.ask(scenario.request), limit.ask(scenario.request))
    ours, theirs = (target.database.execute(WRITTEN, (version,)).fetchone() for target, version in versions)
    if ours != theirs:
        raise Unsound(f"{scenario.name}: {ours} stands in the database, the limit's {theirs}")


def _version(target: Target) -> int:
    return target.database.execute("SELECT version FROM users WHERE id = ?", (rows.MEASURED,)).fetchone()[0]


def _notices(scenario: Scenario, application: Target) -> None:
    before = application.ask(scenario.request).headers["etag"]
    application.database.execute(scenario.between)
    if application.ask(scenario.request).headers["etag"] == before:
        raise Unsound(f"{scenario.name}: the version has changed, the ETag has not")
