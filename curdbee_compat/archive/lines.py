"""Backups as lines of JSON: what is in them, one line a row, and a digest of all that, by which damage is noticed."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import asdict
from io import BufferedIOBase
from typing import Any

import orjson

from curdbee_compat.archive.source import Advance, Contents, Source, Unfit, refuse_newer

FORMAT = {"format": "curdbee-compat backup", "version": 1}
HEADER_LIMIT = 1024 * 1024  # bytes
CUT_OFF = "is cut off: its end is missing"


def write(source: Source, file: BufferedIOBase, advance: Advance) -> None:
    """All of it into a file that is open for writing."""
    digest = hashlib.sha256()

    def put(value: Any) -> None:
        line = orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
        digest.update(line)
        file.write(line)

    put(FORMAT | asdict(source.contents))
    for table, row in source.rows():
        put({"table": table, "row": row})
        advance(1)
    put({"rows": source.contents.total, "sha256": digest.hexdigest()})


class LinesSource:
    """Such a file, decompressed. Unfit where it is none, is of another version, or was damaged."""

    def __init__(self, file: BufferedIOBase) -> None:
        self._file = file
        self._header = next(self._read(HEADER_LIMIT), b"")
        self.contents = _contents(self._header)

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """From the first on, each time."""
        self._file.seek(len(self._header))
        digest = hashlib.sha256(self._header)
        end: dict[str, Any] = {}
        for line in self._read():
            if end:
                raise Unfit("is damaged: something follows its end")
            value = _value(line)
            if "sha256" in value:
                end = value
                continue
            digest.update(line)
            yield value["table"], value["row"]
        if not end:
            raise Unfit(CUT_OFF)
        if end["sha256"] != digest.hexdigest():
            raise Unfit("was changed after it was made: its digest is another")

    def verify(self, advance: Advance) -> None:
        """Read it to its end."""
        for _ in self.rows():
            advance(1)

    def _read(self, limit: int = -1) -> Iterator[bytes]:
        try:
            while line := self._file.readline(limit):
                yield line
        except EOFError:
            raise Unfit(CUT_OFF) from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise Unfit(f"is damaged: {error}") from None


def _contents(line: bytes) -> Contents:
    try:
        header = orjson.loads(line)
        marks = {name: header.pop(name) for name in FORMAT}
        if marks["format"] != FORMAT["format"]:
            raise KeyError
        if marks["version"] != FORMAT["version"]:
            raise Unfit(f"is of format {marks['version']}, which this release does not know")
        contents = Contents(**header)
        refuse_newer(contents.schema)
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        raise Unfit("is no backup made by curdbee-compat") from None
    return contents


def _value(line: bytes) -> dict[str, Any]:
    """A line's object; a line that breaks off in its middle is the end of a file that was cut."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise Unfit("is damaged: a line is no JSON" if line.endswith(b"\n") else CUT_OFF) from None
    if not isinstance(value, dict) or not ("sha256" in value or {"table", "row"} <= value.keys()):
        raise Unfit("is damaged: a line is no row")
    return value
