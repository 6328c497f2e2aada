"""From rounds of load to figures: medians with least and most, and ratios to the limit within each round."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench import wrk
from bench.figures import APPLICATION, LIMIT, Spread


@dataclass(frozen=True)
class Round:
    """One run of wrk, and what it cost the server: microseconds of CPU a request, MiB of each worker."""

    load: wrk.Load
    cpu: float
    memory: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.load.requests / self.load.seconds

    @property
    def served(self) -> float:
        """Connections that were being answered at any moment. Where it is few of all, the others starved."""
        return self.rate * self.load.mean / 1000


HEADER = ("req/s", "min-max", "p50 ms", "p99 ms", "min-max", "conns", "cpu us", "MiB", "of limit", "min-max")
Rounds = dict[tuple[str, str, str], list[Round]]  # by scenario, server and who is served


def lines(found: Rounds) -> list[dict[str, Any]]:
    """Everything, for a program: spreads of all figures, and the ratio of requests a second to the limit's."""
    return [_line(found, *key) for key in found]


def _line(found: Rounds, scenario: str, server: str, who: str) -> dict[str, Any]:
    rounds, limit = found[scenario, server, who], found.get((scenario, server, LIMIT))
    ratios = [own.rate / other.rate for own, other in zip(rounds, limit, strict=True)] if limit else None
    figures = {
        "requests a second": [each.rate for each in rounds],
        "p50 ms": [each.load.p50 for each in rounds],
        "p99 ms": [each.load.p99 for each in rounds],
        "connections": [each.served for each in rounds],
        "cpu us": [each.cpu for each in rounds],
        "MiB a worker": [each.memory for each in rounds],
    }
    return {
        "scenario": scenario,
        "server": server,
        "who": who,
        **{name: vars(Spread.of(values)) for name, values in figures.items()},
        "ratio": vars(Spread.of(ratios)) if ratios and who == APPLICATION else None,
    }


def table(found: Sequence[dict[str, Any]], named: str) -> list[list[str]]:
    """What is printed of it, a header first; `named` is the key of what stands beside each scenario."""
    return [["scenario", named, *HEADER], *(_cells(line, named) for line in found)]


def _cells(line: dict[str, Any], named: str) -> list[str]:
    rate, p99 = (Spread(**line[name]) for name in ("requests a second", "p99 ms"))
    served, cpu, memory = (f"{line[name]['median']:,.0f}" for name in ("connections", "cpu us", "MiB a worker"))
    ratio = Spread(**line["ratio"]).shown(2) if line["ratio"] else ["", ""]
    p50 = f"{line['p50 ms']['median']:,.1f}"
    return [line["scenario"], line[named], *rate.shown(), p50, *p99.shown(1), served, cpu, memory, *ratio]
