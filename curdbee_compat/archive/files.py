"""A file that appears under its name when it is whole, readable by its owner alone, or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curdbee_compat.users import Refused


@contextmanager
def replacing(path: Path, force: bool) -> Iterator[Path]:
    """An empty file beside `path`, to be filled; it takes that name in the end, if nothing was raised."""
    if path.exists() and not force:
        raise Refused(f"{path} is there already; --force replaces it")
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            yield fresh
            _sync(fresh)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
        _sync(path.parent)
    except OSError as error:
        raise Refused(f"cannot write {path}: {error.strerror or error}") from None


def _sync(path: Path) -> None:
    """On the disk, before anybody is told so."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
