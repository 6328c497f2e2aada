"""The benchmark is sound: what is compared is the same work, and a figure is what it says. It gates on no time."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import data, figures, inprocess, memory, servers, soundness, targets
from bench.__main__ import main
from bench.scenarios import SCENARIOS, Budget, Request, Scenario


@pytest.fixture(scope="module")
def kept(instance: Path) -> Path:
    """Where the data are kept between the tests here."""
    return instance / "bench"


@pytest.fixture
def both(kept: Path, tmp_path: Path) -> Iterator[list[targets.InProcess]]:
    """The application and the limit, on small data."""
    with targets.application("small", tmp_path, kept) as ours, targets.limit("small", tmp_path, kept) as limit:
        yield [ours, limit]


@pytest.fixture
def no_wrk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without wrk."""
    monkeypatch.setenv("PATH", str(tmp_path))


def test_one_round_measures_every_scenario(
    no_wrk: None, kept: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inprocess, "BATCH", 0)  # one request a round
    main(["run", "--size", "small", "--rounds", "1", "--folder", str(kept)])
    printed = capsys.readouterr().out
    found = json.loads((kept / "result-small.json").read_text())
    assert [line["scenario"] for line in found["in process"]] == [scenario.name for scenario in SCENARIOS]
    for line, scenario in zip(found["in process"], SCENARIOS, strict=True):
        assert line["application"]["tenth"] > 0
        assert (line["ratio"] is not None) == (scenario.limit is not None)
        assert any(row.startswith(f"{scenario.name}  ") for row in printed.splitlines())
    assert "wrk is not installed" in printed
    assert "over http" not in found


def test_without_wrk_servers_are_not_compared(no_wrk: None, kept: Path) -> None:
    with pytest.raises(SystemExit, match="apt-get install wrk"):
        main(["servers", "--folder", str(kept)])


@pytest.mark.parametrize(
    "scenario", [one for one in SCENARIOS if one.request.method == "POST"], ids=lambda one: one.name
)
def test_payments_are_created_with_and_without_the_trail(both: list[targets.InProcess], scenario: Scenario) -> None:
    def count(table: str) -> int:
        return both[0].database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]

    paid, told = count("payments"), count("audit_entries")
    inprocess.batch(scenario, both[0], 2)
    assert count("payments") == paid + 2
    assert count("audit_entries") == told + (0 if scenario.unaudited else 4)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments SET amount_cents = amount_cents + 1 WHERE id = 3",
        "UPDATE invoices SET notes = 'x' WHERE id = 9",
    ],
)
def test_another_answer_of_the_limit_is_noticed(both: list[targets.InProcess], statement: str) -> None:
    both[1].database.execute(statement)
    with pytest.raises(soundness.Unsound, match="from byte"):
        soundness.check(SCENARIOS, *both)


def test_a_limit_that_writes_less_is_noticed(both: list[targets.InProcess]) -> None:
    for name in ("version_payments_insert", "version_invoices_update"):
        both[1].database.execute(f"DROP TRIGGER {name}")
    with pytest.raises(soundness.Unsound, match="stands in the database"):
        soundness.check(SCENARIOS, *both)


def test_an_answer_of_another_status_is_no_measurement(both: list[targets.InProcess]) -> None:
    missing = Scenario("missing", Request("/invoices/99999/payments.json"))
    with pytest.raises(RuntimeError, match="404 NOT FOUND, not 200"):
        inprocess.measure([missing], both, 1)


def test_budgets_speak_of_the_best_tenth_beside_the_limit_or_another_scenario() -> None:
    request = Request("/")
    scenarios = [
        Scenario("json", request, request, budget=Budget(2.0)),
        Scenario("xml", request, request, budget=Budget(1.1, "json")),
        Scenario("guess", request),
    ]
    slow = [900.0] * 18
    measured = {
        "json": {"application": [20.0, 20.0, *slow], "limit": [10.0, 10.0, *slow]},
        "xml": {"application": [23.0, 23.0, *slow], "limit": [23.0, 23.0, *slow]},
        "guess": {"application": [7.0]},
    }
    found = figures.lines(scenarios, measured)
    assert [(line.ratio, line.measured, line.kept) for line in found] == [
        (2.0, 2.0, True),
        (1.0, 1.15, False),
        (None, None, None),
    ]
    assert [row[-2:] for row in figures.table(found)[1:]] == [["2", "yes"], ["1.1 of JSON: 1.15", "NO"], ["", ""]]


def test_what_is_made_of_other_rows_is_not_taken_for_the_same(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = data.kept("small", kept)
    assert data.kept("small", kept) == path
    with sqlite3.connect(path) as connection:
        counts = [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("users", "payments")]
    assert counts == [100, 1000 + sum((20, 200, 1000, 30, 1, 1))]
    monkeypatch.setattr(data, "TOP", kept)  # no migrations there
    assert data._made_from() not in path.name


def test_serve_answers_what_its_memory_is_measured_with(kept: Path, tmp_path: Path) -> None:
    path = data.copy("small", tmp_path / "memory.db", kept)
    found = memory.start(path, tmp_path, 80)
    assert {"200", "201", "400", "403", "404", "422"} == set(found["statuses"])
    assert found["start"] > 0
    assert all(10 < mebibytes < 1000 for mebibytes in (found["fresh"], *found["after"]))
    assert all(10 < part < whole for part, whole in zip(found["proportional"], found["after"], strict=True))


def test_a_server_that_is_not_installed_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(servers.COMMANDS, "none", "{python} -m no_such_server {app}")
    monkeypatch.setitem(servers.COMMANDS, "nothing", "no-such-program {app}")
    assert servers.is_installed(servers.SERVED)
    assert not servers.is_installed("none")
    assert not servers.is_installed("nothing")
