"""Some of what `make fuzz` goes on with: always the same requests, so that a failure is there again the next time."""

import pytest
from backends import ON_SQLITE, Backend
from hypothesis import HealthCheck, given, settings
from inprocess import Http

from fuzz import by_hand, by_schema
from fuzz.exchange import InProcess, Request
from fuzz.ground import Ground, Tally

ALL = list(HealthCheck)


@pytest.fixture
def ground(running: Backend, http: Http) -> Ground:
    """A user of the app in process."""
    return Ground(InProcess(running.app), running.database, Tally())


def bounded(examples: int) -> settings:
    """Few examples, always the same, for a database that differs from run to run."""
    return settings(max_examples=examples, derandomize=True, database=None, deadline=None, suppress_health_check=ALL)


@ON_SQLITE
def test_answers_to_requests_made_of_the_document_are_as_it_tells(ground: Ground) -> None:
    for operation in by_schema.operations(ground):
        ground.replenish()
        bounded(2)(by_schema.trial(operation, ground))()
    assert ground.tally.of_class(4) > 0
    assert ground.tally.of_class(2) > 0


def test_odd_requests_are_answered_and_change_nothing_where_refused(ground: Ground) -> None:
    @bounded(200)
    @given(by_hand.requests(ground))
    def run(request: Request) -> None:
        ground.exchange(request)

    ground.replenish()
    run()
    assert ground.tally.of_class(4) > 0
    assert ground.tally.of_class(2) > 0
