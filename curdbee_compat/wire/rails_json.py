"""JSON bodies as the old API wrote them, and as leniently read; knows roots, but no resource."""

import functools
import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NoReturn

import orjson

from curdbee_compat import limits
from curdbee_compat.limits import USUAL, Limits

_MALFORMED = "Malformed JSON"
_MAX_INT_DIGITS = 18  # what a 64-bit column surely holds; more is no work for int()
# A string is taken whole, closed or not, so that no part of the text is looked at twice.
_STRING_OR_TRAILING_COMMA = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|,(?=[ \t\r\n]*[}\]])', re.DOTALL)


@functools.cache
def _decoder(digits: int) -> json.JSONDecoder:
    """A decoder for numbers of at most so many digits, those of an exponent among them."""
    short = min(_MAX_INT_DIGITS, digits)

    def fraction(text: str) -> Decimal:
        if len(text) > digits and sum(map(str.isdigit, text)) > digits:
            raise ValueError("digits")
        return Decimal(text)

    def integer(text: str) -> int | Decimal:
        return int(text) if len(text.lstrip("-")) <= short else fraction(text)

    return json.JSONDecoder(parse_float=fraction, parse_int=integer, parse_constant=_refused)


def _refused(constant: str) -> NoReturn:
    raise ValueError(constant)


def read(body: bytes, limited: Limits = USUAL) -> object:
    """The value of a JSON body in UTF-8, with or without a BOM; {} for a blank one.

    Fractions come as Decimal (1.005 must not become 1.00), and integers of more than 18 digits too.
    A comma before } or ] is forgiven: the update sample of the API's own documentation has one.
    ValueError("Malformed JSON") for all else: NaN and Infinity, bad UTF-8, more than the limits allow.
    """
    try:
        text = body.decode("utf-8-sig")
        if not text.strip():
            return {}
        value = _decoded(text, _decoder(limited.digits))
        limits.check(value, limited)
        return value
    except (ValueError, ArithmeticError, RecursionError) as error:  # Arithmetic: an exponent of 19 digits
        raise ValueError(_MALFORMED) from error


def _decoded(text: str, decoder: json.JSONDecoder) -> object:
    try:
        return decoder.decode(text)
    except json.JSONDecodeError:
        return decoder.decode(_STRING_OR_TRAILING_COMMA.sub(_without_comma, text))


def record(root: str, value: object) -> bytes:
    """One record under its root: {"payment":{...}}; TypeError for what JSON cannot hold."""
    return orjson.dumps({root: value})


def collection(root: str, values: Iterable[object]) -> bytes:
    """A list as the CurdBee API has it, the root on every element: [{"payment":{...}},...]."""
    return orjson.dumps([{root: value} for value in values])


def wrapped(plural: str, values: Iterable[object]) -> bytes:
    """A list as the admin API has it, one root for all: {"invoice_payments":[{...},...]}."""
    return orjson.dumps({plural: list(values)})


def document(value: object) -> bytes:
    """Any plain value as it is, for bodies that are no record: errors, the answer of a batch action."""
    return orjson.dumps(value)


def _without_comma(match: re.Match[str]) -> str:
    return "" if match[0] == "," else match[0]
