"""Tables for people, JSON for programs."""

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def show(title: str, table: Sequence[Sequence[str]]) -> None:
    """Print a table, whose first row is its header: names to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    print(f"\n{title}\n")
    for row in table:
        name, *figures = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join([name.strip().ljust(widths[0]), *figures]).rstrip())


def write(path: Path, value: dict[str, Any]) -> None:
    """Write a result, with when and where it was measured, and say where it is."""
    about = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.platform(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**about, **value}, indent=1) + "\n")
    print(f"\nAs JSON: {path}")
