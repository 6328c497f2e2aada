"""What an import took, what was there already, what it left and why, in lines to be printed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

NAMED = 10  # ids that are named for one reason; the rest are counted


@dataclass
class Report:
    """Counts are by table; reasons by kind and text, so that a thousand payments left for one reason are one line."""

    taken: Counter[str] = field(default_factory=Counter)
    present: Counter[str] = field(default_factory=Counter)
    left: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    notes: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    unreadable: list[tuple[Path, str]] = field(default_factory=list)

    def leave(self, root: str, id: object, why: str) -> None:
        """A record was not taken."""
        self.left.setdefault((root, why), []).append(str(id))

    def note(self, root: str, id: object, what: str) -> None:
        """A record was taken, but there is something to know about it."""
        self.notes.setdefault((root, what), []).append(str(id))

    def lines(self) -> Iterator[str]:
        """The whole report."""
        for name in sorted({*self.taken, *self.present}):
            yield f"{name}: {self.taken[name]} taken, {self.present[name]} already there"
        skipped = sum(map(len, self.left.values()))
        yield f"skipped: {skipped}"
        yield from _reasons(self.left)
        if self.notes:
            yield "to know:"
            yield from _reasons(self.notes)
        if self.unreadable:
            yield "not read:"
            for path, why in self.unreadable:
                yield f"  {str(path).encode(errors='replace').decode()}: {why}"  # a name may be no UTF-8


def _reasons(told: dict[tuple[str, str], list[str]]) -> Iterator[str]:
    for (root, text), ids in told.items():
        more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
        yield f"  {root.replace('_', ' ')} {', '.join(ids[:NAMED])}{more}: {text}"
