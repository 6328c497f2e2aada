"""A list of records of one shape, column by column: what lists are dumped to, and what both writers take apart."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any


class Records:
    """`columns` hold plain values, one column for each of the `names`, all equally long. Iterating gives dicts."""

    def __init__(self, names: Sequence[str], columns: Sequence[Sequence[Any]]) -> None:
        self.names, self.columns = names, columns

    @classmethod
    def of(cls, records: Sequence[Mapping[str, Any]]) -> "Records":
        """A list of dicts that all have the same keys."""
        names = list(records[0]) if records else []
        return cls(names, [[record[name] for record in records] for name in names])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(dict, map(zip, repeat(self.names), zip(*self.columns, strict=True)))
