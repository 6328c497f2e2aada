"""A list of records of one shape, column by column: what lists are dumped to, and what both writers take apart."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import repeat
from typing import Any


class Records:
    """`columns` hold plain values, one column for each of the `names`, all equally long. Iterating gives dicts; what is
    named in `flags` is there only where it is true."""

    def __init__(
        self, names: Sequence[str], columns: Sequence[Sequence[Any]], flags: AbstractSet[str] = frozenset()
    ) -> None:
        self.names, self.columns, self.flags = names, columns, flags

    @classmethod
    def of(cls, records: Sequence[Mapping[str, Any]]) -> "Records":
        """A list of dicts that all have the same keys."""
        names = list(records[0]) if records else []
        return cls(names, [[record[name] for record in records] for name in names])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        columns = zip(self.names, self.columns, strict=True)
        shown = {name: column for name, column in columns if name not in self.flags or any(column)}
        whole = map(dict, map(zip, repeat(list(shown)), zip(*shown.values(), strict=True)))
        return whole if self.flags.isdisjoint(shown) else (without_low(self.flags, record) for record in whole)


def without_low(flags: Collection[str], record: Mapping[str, Any]) -> dict[str, Any]:
    """The record without those of these attributes that are not true."""
    return {name: value for name, value in record.items() if value or name not in flags}
