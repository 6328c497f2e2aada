"""What was sent and what was acknowledged, kept where nobody is killed. Knows records by their marks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from threading import Lock

State = tuple[str, ...] | None  # the marks a record shows, smallest first; None: it is not there


@dataclass(eq=False)
class Record:
    """A payment or an invoice as its one writer knows it. Several states are possible while an answer is missing."""

    path: str = ""
    possible: set[State] = field(default_factory=lambda: {None})
    hoped: State = None
    settled: bool = True


class Journal:
    """Every record of one round. A mark is sent once and never again, so a row says by itself which write made it."""

    def __init__(self) -> None:
        self._numbers, self._lock = count(1), Lock()
        self._by_mark: dict[str, Record] = {}
        self.acknowledged = 0
        self.unanswered = 0

    def mark(self) -> str:
        """A new one: a whole number."""
        return str(next(self._numbers))

    def sent(self, record: Record, state: State) -> None:
        """A write that leads to this state is on its way."""
        record.possible.add(state)
        record.hoped, record.settled = state, False
        for mark in state or ():
            self._by_mark[mark] = record

    def answered(self, record: Record) -> None:
        """The write was acknowledged."""
        record.possible, record.settled = {record.hoped}, True
        with self._lock:
            self.acknowledged += 1

    def lost_answer(self) -> None:
        """The write may have been done or not; nobody writes to its record any more."""
        with self._lock:
            self.unanswered += 1

    def compare(self, rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, str]]:
        """What the rows that are there, each as its marks, tell: ("lost", "…"), ("doubled", …), ("unsent", …), which
        are wrong, and ("stored", …), a write without an answer."""
        seen: dict[Record, list[State]] = {}
        for row in rows:
            record = next((self._by_mark[mark] for mark in row if mark in self._by_mark), None)
            if record is None:
                yield "unsent", f"a row with the marks {row}, which nobody sent"
            else:
                seen.setdefault(record, []).append(row)
        for record in set(self._by_mark.values()):
            yield from verdicts(record, seen.get(record, [None]))


def verdicts(record: Record, states: list[State]) -> Iterator[tuple[str, str]]:
    """The same of one record, which was found in these states."""
    if len(states) > 1:
        yield "doubled", f"{record.possible} is there {len(states)} times"
    for state in states:
        if state not in record.possible:
            yield "lost", f"{record.possible} is there as {state}"
        elif not record.settled and state == record.hoped:
            yield "stored", str(state)
