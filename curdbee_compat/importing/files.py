"""Saved answers on disk: which files there are, and the records in each, whatever they are wrapped in."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from curdbee_compat.importing.kinds import ELEMENTS
from curdbee_compat.limits import USUAL
from curdbee_compat.wire import rails_json, rails_xml

# invoices/7/payments.json, invoices_7_payments.xml, invoice-7-payments-page-2.json
BELOW_INVOICE = re.compile(r"invoices?[/_.-](\d{1,16})[/_.-](?:invoice_)?payments", re.ASCII | re.IGNORECASE)

# A saved list may be as long as it was. How deep one may be, the readers bound as for any body.
ANY_NUMBER = replace(USUAL, fields=sys.maxsize)
NO_ANSWER = "no saved answer: it names no client, item, invoice, estimate, recurring_profile or payment"


class Unreadable(ValueError):
    """A file that holds no saved answer; the text says why, without the name."""


@dataclass(frozen=True)
class Found:
    """A record as a file has it: the name of its element, its attributes, and the invoice it stands under if known."""

    root: str
    attributes: Mapping[str, Any]
    invoice_id: Any


def answers(paths: Iterable[Path]) -> Iterator[Path]:
    """The files of these names, and those in folders at any depth, in order."""
    for path in paths:
        yield from sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]


def records(path: Path) -> list[Found]:
    """The records of one file, JSON or XML by its first character. Unreadable where it holds none, not even none."""
    value = _value(path)
    named = BELOW_INVOICE.findall(path.absolute().as_posix())
    try:
        return list(_records(value, named[-1] if named else None))
    except RecursionError:
        raise Unreadable(NO_ANSWER) from None


def _value(path: Path) -> Any:
    if not path.is_file():
        raise Unreadable("not a file")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable(error.strerror or "cannot be read") from None
    reader = rails_xml.read if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else rails_json.read
    try:
        return reader(content, ANY_NUMBER)
    except ValueError as error:
        raise Unreadable(str(error)) from None


def _records(value: Any, invoice_id: Any) -> Iterator[Found]:
    """Of a bare array (JSON of the public API), or of objects whose keys name what is in them (all else)."""
    if isinstance(value, list):
        for each in value:
            yield from _records(each, invoice_id)
        return
    if not isinstance(value, dict) or "id" in value:  # a record without a root: its `client` is not what it is
        raise Unreadable(NO_ANSWER)
    named = {ELEMENTS[key]: inner for key, inner in value.items() if key in ELEMENTS}
    if not named:
        raise Unreadable(NO_ANSWER)
    for root, inner in named.items():
        yield from _under(root, inner, invoice_id)


def _under(root: str, value: Any, invoice_id: Any) -> Iterator[Found]:
    """Records of one name: a list, or one, or the doubled tags of items.xml."""
    if isinstance(value, list):
        for each in value:
            yield from _under(root, each, invoice_id)
    elif isinstance(value, dict) and value.keys() == {root}:
        yield from _under(root, value[root], invoice_id)
    elif isinstance(value, dict):
        yield Found(root, value, invoice_id)
        if root == "invoice":  # payments that somebody put inside their invoice
            yield from _under("payment", value.get("payments") or [], value.get("id"))
    elif value is not None:
        raise Unreadable(f"{root} is no record")
