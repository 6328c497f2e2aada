"""How much one body may hold, whatever its format. Knows no format, no setting and no request."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """`depth`: values inside each other; `fields`: names and array elements in all; `digits`: of one number.

    An invoice of the most that fits 4 MiB, some 10,000 lines of seven fields, keeps all three."""

    depth: int = 100  # whoever walks the result recurses
    fields: int = 100_000
    digits: int = 10_000  # a number too large for its attribute is told as such, 422; past this it is no body at all


USUAL = Limits()


def check(value: object, limits: Limits) -> None:
    """ValueError where a value of lists and dicts is deeper, or holds more, than it may. Does not recurse."""
    level, depth, fields = [value], 0, 0
    while level := [each for each in level if isinstance(each, dict | list)]:
        level = [each for held in level for each in _inside(held)]
        depth, fields = depth + 1, fields + len(level)
        if depth > limits.depth or fields > limits.fields:
            raise ValueError("limit")


def _inside(held: object) -> Iterable[object]:
    return held.values() if isinstance(held, dict) else held  # type: ignore[return-value]
