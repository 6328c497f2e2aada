"""Taking saved answers of the old API into a user's books: first read, then take; a report says what became of all."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from curdbee_compat.errors import pairs, sentence
from curdbee_compat.importing.files import Found, Unreadable, records
from curdbee_compat.importing.kinds import KINDS, NOT_TAKEN, Entry
from curdbee_compat.importing.plan import Entries, Plan
from curdbee_compat.importing.report import Report
from curdbee_compat.importing.writing import write
from curdbee_compat.models.payment import Payment
from curdbee_compat.models.user import User

Track = Callable[[Sequence[Found]], Iterable[Found]]


def read(files: Iterable[Path], invoice_id: int | None, report: Report, track: Track) -> Entries:
    """The records of these files, each once. `invoice_id` is that of payments of which no file tells; `track` passes
    on what was found, one by one."""
    entries: Entries = defaultdict(dict)
    for found in track(_found(files, report)):
        try:
            model, entry = _entry(found, invoice_id)
        except ValidationError as error:
            why = "; ".join(sentence(*pair) for pair in pairs(error.normalized_messages()))
            report.leave(found.root, _named(found.attributes.get("id")), why)
            continue
        id = entry.values["id"]
        entries[model][id] = _merged(entries[model].get(id), entry)
    return entries


def take(user: User, entries: Entries, report: Report) -> None:
    """Write what can be taken. The caller has locked the user, and commits or rolls back."""
    write(Plan(user, entries, report))


def _named(id: Any) -> str:
    """An id that may be anything, as a report can show it."""
    text = str(id) if isinstance(id, int | str) else ""
    return text if text.isascii() and text.isdigit() and len(text) <= 20 else "without an id"


def _found(files: Iterable[Path], report: Report) -> list[Found]:
    found = []
    for path in files:
        try:
            found += records(path)
        except Unreadable as error:
            report.unreadable.append((path, str(error)))
    return found


def _entry(found: Found, invoice_id: int | None) -> tuple[Any, Entry]:
    if found.root in NOT_TAKEN:
        raise ValidationError({"base": [NOT_TAKEN[found.root]]})
    if "total_cents" in found.attributes:
        raise ValidationError({"base": ["an answer of /admin/invoices shows no lines; add that of /invoices"]})
    kind = KINDS[found.root]
    attributes = found.attributes
    if kind.model is Payment:
        known = [id for id in (attributes.get("invoice_id"), found.invoice_id, invoice_id) if id is not None]
        attributes = {**attributes, "invoice_id": known[0]} if known else attributes
    return kind.model, kind.load(kind, attributes)


def _merged(one: Entry | None, other: Entry) -> Entry:
    """A record that is in several files, in a list and by itself or seen by both APIs: the newest version counts."""
    if one is None:
        return other
    older, newer = sorted((one, other), key=lambda entry: str(entry.values.get("updated_at", "")))
    invoices = {entry.values["invoice_id"] for entry in (older, newer) if "invoice_id" in entry.values}
    newer.values = older.values | newer.values
    if len(invoices) > 1:  # nobody can tell which file is right
        del newer.values["invoice_id"]
    return newer
