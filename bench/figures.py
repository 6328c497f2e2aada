"""From rounds to figures: best tenth, median, least and most, ratios, and whether a budget is kept."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.inprocess import Measured
from bench.scenarios import Scenario

APPLICATION, LIMIT = "application", "limit"


@dataclass(frozen=True)
class Spread:
    """One figure of many rounds. A tenth of them are at most `tenth`: of costs, it is what the best come to."""

    tenth: float
    median: float
    least: float
    most: float

    @classmethod
    def of(cls, rounds: Sequence[float]) -> "Spread":
        """Of at least one round."""
        ordered = sorted(rounds)
        return cls(ordered[(len(ordered) - 1) // 10], statistics.median(ordered), ordered[0], ordered[-1])

    def shown(self, digits: int = 0) -> list[str]:
        """Median, least to most."""
        return [f"{self.median:,.{digits}f}", f"{self.least:,.{digits}f}-{self.most:,.{digits}f}"]


@dataclass(frozen=True)
class Line:
    """One scenario in process, microseconds. `ratio` is to the limit; `measured` is what the budget speaks of."""

    scenario: Scenario
    spreads: dict[str, Spread]
    ratio: float | None
    measured: float | None

    @property
    def kept(self) -> bool | None:
        """Whether it is within its budget; None where it has none."""
        if self.scenario.budget is None or self.measured is None:
            return None
        return round(self.measured, 2) <= self.scenario.budget.most

    def as_json(self) -> dict[str, Any]:
        """Everything, for a program."""
        budget = self.scenario.budget
        return {
            "scenario": self.scenario.name,
            **{name: vars(spread) for name, spread in self.spreads.items()},
            "ratio": self.ratio,
            "budget": budget and {**vars(budget), "measured": self.measured, "kept": self.kept},
        }


def lines(scenarios: Sequence[Scenario], measured: Measured) -> list[Line]:
    """The scenarios with their figures. Best tenths are compared: what a busy machine adds is not in them."""
    spreads = {name: {who: Spread.of(took) for who, took in each.items()} for name, each in measured.items()}
    return [_line(scenario, spreads) for scenario in scenarios]


def _line(scenario: Scenario, spreads: dict[str, dict[str, Spread]]) -> Line:
    own = spreads[scenario.name]
    best = own[APPLICATION].tenth
    ratio = best / own[LIMIT].tenth if LIMIT in own else None
    beside = scenario.budget.beside if scenario.budget else ""
    measured = best / spreads[beside][APPLICATION].tenth if beside in spreads else ratio
    return Line(scenario, own, ratio, measured if scenario.budget else None)


def table(found: Sequence[Line]) -> list[list[str]]:
    """What is printed of it, a header first."""
    header = ["scenario", "us", "median", "min-max", "limit us", "median", "min-max", "ratio", "budget", "kept"]
    return [header, *(_cells(line) for line in found)]


def _cells(line: Line) -> list[str]:
    own, limit = line.spreads[APPLICATION], line.spreads.get(LIMIT)
    cells = [line.scenario.name, f"{own.tenth:,.0f}", *own.shown()]
    cells += [f"{limit.tenth:,.0f}", *limit.shown()] if limit else ["", "", ""]
    cells.append("" if line.ratio is None else f"{line.ratio:.2f}")
    if line.scenario.budget is None or line.measured is None:
        return [*cells, "", ""]
    beside = f" of JSON: {line.measured:.2f}" if line.scenario.budget.beside else ""
    return [*cells, f"{line.scenario.budget.most:g}{beside}", "yes" if line.kept else "NO"]
