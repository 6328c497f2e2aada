"""Admin lists as CSV, the way ActiveAdmin exports them; safe to open in a spreadsheet."""

import csv
import io
from typing import Any

from flask import Response

from curdbee_compat.errors import humanized
from curdbee_compat.models.base import today
from curdbee_compat.schemas.base import Schema
from curdbee_compat.wire.records import Records

BOM = "\ufeff"  # without it Excel reads UTF-8 as Latin-1
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(schema: Schema, records: Records) -> Response:
    """200 and a file, one row a record under humanized names."""
    text = io.StringIO()
    text.write(BOM)
    writer = csv.writer(text)
    writer.writerow(humanized(name) for name in records.names)
    writer.writerows(zip(*([cell(value) for value in column] for column in records.columns), strict=True))
    file = f"{schema.plural.replace('_', '-')}-{today().isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-cache"}
    return Response(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def cell(value: Any) -> Any:
    """A value as a cell. Text that a spreadsheet would run as a formula is quoted; numbers stay numbers."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
