"""Form bodies as Rails nested them: payment[amount]=5, invoice[options][]=1; knows no resource."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from curdbee_compat.limits import USUAL, Limits

_MALFORMED = "Malformed form"
_NESTED = re.compile(r"[^\[\]]+(?:\[[^\[\]]*\])+")


def read(pairs: Iterable[tuple[str, str]], limits: Limits = USUAL) -> dict[str, Any]:
    """{"payment": {"amount": "5"}} of payment[amount]=5: a[b] is a dict, a[] a list, a[][b] a list of dicts.

    Of two values the last wins. In a[][b]=1&a[][c]=2&a[][b]=3 the second b begins a new dict, as in Rack.
    A name with brackets out of order is taken as it is; indexes, as in a[0][b], stay keys of a dict.
    ValueError("Malformed form") when one name is text and dict, or dict and list, or past a limit.
    """
    fields: dict[str, Any] = {}
    for number, (name, value) in enumerate(pairs, 1):
        path = _path(name)
        if len(path) > limits.depth or number > limits.fields:
            raise ValueError(_MALFORMED)
        _put(fields, path, value)
    return fields


def urlencoded(body: bytes, limits: Limits = USUAL) -> dict[str, Any]:
    """read() of an application/x-www-form-urlencoded body in UTF-8, blank values kept.

    ValueError("Malformed form") also for bytes that are not UTF-8.
    """
    try:
        # Decoded before it is split: curl sends what it is given, without percent signs.
        text = body.decode()
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=limits.fields)
    except ValueError as error:
        raise ValueError(_MALFORMED) from error
    return read(pairs, limits)


def _path(name: str) -> list[str]:
    if _NESTED.fullmatch(name) is None:
        return [name]
    root, _, rest = name.partition("[")
    return [root, *rest[:-1].split("][")]


def _put(node: dict[str, Any], path: list[str], value: str) -> None:
    step, *rest = path
    if not rest:
        if isinstance(node.get(step), dict | list):
            raise ValueError(_MALFORMED)
        node[step] = value
    elif rest[0]:
        _put(_child(node, step, dict), rest, value)
    else:
        _append(_child(node, step, list), rest[1:], value)


def _append(items: list[Any], path: list[str], value: str) -> None:
    if not path:
        items.append(value)
        return
    if not path[0]:  # a[][]: a list in a list, which no field is
        raise ValueError(_MALFORMED)
    if not items or not isinstance(items[-1], dict) or _holds(items[-1], path):
        items.append({})
    _put(items[-1], path, value)


def _child(node: dict[str, Any], step: str, shape: type) -> Any:
    child = node.setdefault(step, shape())
    if not isinstance(child, shape):
        raise ValueError(_MALFORMED)
    return child


def _holds(node: Any, path: list[str]) -> bool:
    """Whether a value for this path is there already; a list has room for one more."""
    for step in path:
        if not isinstance(node, dict) or step not in node:
            return False
        node = node[step]
    return True
