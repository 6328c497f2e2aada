"""Print the table of currencies that the first migration loads, from ISO 4217 and CLDR.

Run once, to make `curdbee_compat/migrations/currencies.csv`; ids in that file never change afterwards.
Needs the packages `iso4217` (codes, countries, minor units) and `Babel` (symbols, plural names).
"""

import csv
import sys
from collections import Counter

from babel import Locale
from babel.numbers import get_currency_name, get_currency_symbol
from iso4217 import Currency

ENGLISH = Locale("en", "US")
# The one id and name that a client of the old API is known to have seen.
KNOWN = {"USD": (150, "United States of America, Dollars")}


def country(code: str) -> str | None:
    """The place a code belongs to: its first two letters are ISO 3166, but for the X currencies."""
    return ENGLISH.territories.get(code[:2]) if code[0] != "X" else None


def unit(code: str) -> str:
    """The plural of the currency's noun: "US dollars" is "Dollars"."""
    word = get_currency_name(code, count=2, locale=ENGLISH).split()[-1]
    return word[0].upper() + word[1:]


def names(currencies: list[Currency]) -> dict[str, str]:
    """Code to "Country, Units"; a name that would stand twice, or is no word, gives way to the official one."""
    short = {c.code: f"{country(c.code)}, {unit(c.code)}" for c in currencies if country(c.code)}
    times = Counter(short.values())
    chosen = {}
    for currency in currencies:
        place, name = country(currency.code), short.get(currency.code, "")
        plain = unit(currency.code).isalpha() and unit(currency.code) != "Units" and times[name] == 1
        official = ", ".join(filter(None, [place, currency.currency_name]))
        chosen[currency.code] = name if place and plain else official
    return chosen


def main() -> None:
    """Write the table to standard output."""
    currencies = sorted((c for c in Currency if c.exponent is not None), key=lambda c: c.code)
    named = names(currencies)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["id", "code", "name", "symbol", "minor_unit"])
    free = (number for number in range(1, 1000) if number not in {id for id, _ in KNOWN.values()})
    for currency in currencies:
        id, name = KNOWN.get(currency.code) or (next(free), named[currency.code])
        out.writerow([id, currency.code, name, get_currency_symbol(currency.code, locale=ENGLISH), currency.exponent])


if __name__ == "__main__":
    main()
