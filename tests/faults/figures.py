"""What a run comes to: counts, longest times, and everything that was wrong."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from threading import Lock

_lock = Lock()
LIMIT = 10.0  # seconds: no request takes longer, whatever the database does
COLUMNS = {
    "rounds": "rounds",
    "faults": "faults",
    "acknowledged": "acknowledged",
    "unanswered": "no answer or 503",
    "stored": "of these stored",
    "lost": "lost",
    "doubled": "doubled",
    "unsent": "never sent",
    "wrong": "sums wrong",
    "failed": "other answers",
    "recovery": "longest recovery, s",
    "longest_write": "longest write, s",
    "longest_read": "longest read, s",
}


@dataclass
class Figures:
    """Of one scenario on one database."""

    scenario: str
    database: str
    rounds: int = 0
    faults: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    stored: int = 0
    lost: int = 0
    doubled: int = 0
    unsent: int = 0
    wrong: int = 0
    failed: int = 0
    recovery: float = 0.0
    longest_write: float = 0.0
    longest_read: float = 0.0
    violations: list[str] = field(default_factory=list)

    def violated(self, kind: str, text: str) -> None:
        """Count something that must not be, and keep the first few texts."""
        with _lock:
            setattr(self, kind, getattr(self, kind) + 1)
            if len(self.violations) < 20:
                self.violations.append(f"{self.scenario}, {self.database}: {kind}: {text}")

    def took(self, seconds: float, reading: bool) -> None:
        """A request was answered or broken off after so long."""
        name = "longest_read" if reading else "longest_write"
        setattr(self, name, max(getattr(self, name), seconds))
        if seconds > LIMIT:
            self.violated("failed", f"a request took {seconds:.1f} s")


def table(all_figures: Iterable[Figures]) -> str:
    """The figures as a table of Markdown, a scenario a row."""
    head = ["scenario", "database", *COLUMNS.values()]
    rows = [[figures.scenario, figures.database, *map(cell, picked(figures))] for figures in all_figures]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def picked(figures: Figures) -> list[float]:
    """The values of the columns."""
    return [getattr(figures, name) for name in COLUMNS]


def cell(value: float) -> str:
    """A count, or seconds."""
    return f"{value:.1f}" if isinstance(value, float) else f"{value:,}"


def as_json(all_figures: Iterable[Figures]) -> str:
    """The figures for a program."""
    return json.dumps([asdict(figures) for figures in all_figures], indent=1)
