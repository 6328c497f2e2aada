"""Which part of a list was asked for; junk falls back to the defaults, as old clients expect."""

from dataclasses import dataclass

from curdbee_compat import current

DEFAULT_SIZE = 20
MAX_SIZE = 500
MAX_OFFSET = 2**62
MAX_DIGITS = 18  # enough to be past any end


@dataclass(frozen=True)
class Page:
    """`size` rows from the `offset`-th on."""

    size: int
    offset: int


def is_asked() -> bool:
    """Whether the client pages at all."""
    sent = current.request().args
    return "page" in sent or "per_page" in sent


def asked_page(default: int = DEFAULT_SIZE, largest: int = MAX_SIZE) -> Page:
    """The page of `page` (from 1) and `per_page`."""
    size = min(_positive("per_page") or default, largest)
    number = _positive("page") or 1
    return Page(size, min((number - 1) * size, MAX_OFFSET))


def _positive(name: str) -> int | None:
    text = current.request().args.get(name, "").strip()
    return int(text[:MAX_DIGITS]) or None if text.isascii() and text.isdigit() else None
