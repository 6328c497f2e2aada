"""Money as answers show it, read back: symbols and amounts, and the terms that come to the totals that are shown."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from marshmallow import ValidationError

from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.fields import NOT_A_NUMBER, FormattedMoney, scaled
from curdbee_compat.totals import Charge, Line, Terms, line_total, rate_of, totals

SHOWN = re.compile(r"(-?)(\D*?)\s*(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)", re.ASCII)
BELOW = 10**13  # whole units, as prices have it
LONGEST = 64  # characters


def amount(value: Any) -> tuple[str, int]:
    """The symbol and the cents of "-$1600.00"; no symbol where it is a bare number. ValidationError for no money."""
    match = SHOWN.fullmatch(value.strip()) if isinstance(value, str) and len(value) <= LONGEST else None
    if not match:
        return "", scaled(value, 2, BELOW)
    sign, symbol, number = match.groups()
    if sign and number.startswith("-"):
        raise ValidationError(NOT_A_NUMBER)
    return symbol.strip(), scaled(sign + number.replace(",", ""), 2, BELOW)


def said(schema: Schema, attributes: Mapping[str, Any]) -> tuple[dict[str, int], str]:
    """What a statement's answer says of its totals, by column, and the symbol it says it with."""
    found, symbols, errors = {}, set(), {}
    for name, field in schema.plain_fields.items():
        if not isinstance(field, FormattedMoney) or attributes.get(name) in (None, ""):
            continue
        try:
            symbol, found[field.columns[0]] = amount(attributes[name])
        except ValidationError as error:
            errors[name] = error.messages
        else:
            symbols.add(symbol)
    if len(symbols) > 1:
        errors["base"] = ["Its totals are in several currencies"]
    if errors:
        raise ValidationError(errors)
    return found, next(iter(symbols), "")


def terms(lines: list[dict[str, Any]], said: Mapping[str, int], compound: bool, unit: int) -> dict[str, Any]:
    """The columns of a statement's terms and totals; `lines` get their totals.

    Answers do not show a discount's percentage nor a tax's rate, only what they came to: the discount and the shipping
    become amounts, the taxes the roundest rates that give theirs. OverflowError as totals()."""
    items = [Line(price_cents=line["price_cents"], quantity=line["quantity"]) for line in lines]
    discount, shipping = said.get("discount_cents", 0), said.get("shipping_cents", 0)
    for line, item in zip(lines, items, strict=True):
        line["total_cents"] = line_total(item, unit)
    base = sum(line["total_cents"] for line in lines) - discount
    tax, tax2 = said.get("tax_cents", 0), said.get("tax2_cents", 0)
    charged = Terms(
        discount=Charge(flat_cents=discount),
        shipping=Charge(flat_cents=shipping),
        tax_rate=rate_of(tax, base, unit),
        tax2_rate=rate_of(tax2, base + tax if compound else base, unit),
        tax2_compound=compound,
        unit=unit,
    )
    rates = {"tax_rate": charged.tax_rate, "tax2_rate": charged.tax2_rate}
    result = asdict(totals(items, charged))
    return {"discount_flat_cents": discount, "shipping_flat_cents": shipping, **rates, **result}
