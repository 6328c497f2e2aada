"""Taking saved answers of the old API into a user's books: read files, plan rows, write them, say what became of all.

The caller locks the user, and commits or rolls back."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from curdbee_compat.errors import pairs, sentence
from curdbee_compat.importing.files import Found, Unreadable, records
from curdbee_compat.importing.kinds import KINDS, NOT_TAKEN, Entry
from curdbee_compat.importing.plan import Plan
from curdbee_compat.importing.report import Report
from curdbee_compat.importing.writing import write
from curdbee_compat.models.payment import Payment
from curdbee_compat.models.user import User

Track = Callable[[Sequence[Found]], Iterable[Found]]


def run(user: User, files: Iterable[Path], invoice_id: int | None, track: Track) -> Report:
    """Take the records of these files. `invoice_id` is that of payments of which no file tells; `track` passes on the
    records that are read, one by one."""
    report = Report()
    entries: dict[Any, dict[int, Entry]] = defaultdict(dict)
    for found in track(_found(files, report)):
        try:
            model, entry = _entry(found, invoice_id)
        except ValidationError as error:
            why = "; ".join(sentence(*pair) for pair in pairs(error.normalized_messages()))
            report.leave(found.root, found.attributes.get("id", "without id"), why)
            continue
        id = entry.values["id"]
        entries[model][id] = _merged(entries[model].get(id), entry)
    write(Plan(user, entries, report))
    return report


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
