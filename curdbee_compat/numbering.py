"""The next invoice or estimate number after the last; knows no sequence but the text it is given."""

from collections.abc import Iterator

_MAX_LENGTH = 255  # of the column that holds it


def following(number: str | None) -> str:
    """The trailing digits plus 1, prefix and padding kept: "INV-009" gives "INV-010", "99" gives "100".

    Without trailing digits a 1 is appended; after None, or when the result would be too long, comes "1".
    """
    if number is None or len(number) > _MAX_LENGTH:
        return "1"
    prefix = number.rstrip("0123456789")
    digits = number[len(prefix) :]
    result = prefix + str(int(digits or "0") + 1).zfill(len(digits))
    return result if len(result) <= _MAX_LENGTH else "1"


def candidates(number: str | None) -> Iterator[str]:
    """following(number), the one after that, and so on without end: the caller takes the first free one."""
    while True:
        number = following(number)
        yield number
