"""What a body may hold, in each format: read at the limit, malformed one past it, and in time whatever comes."""

import time
from collections.abc import Callable
from decimal import Decimal

import pytest
from tables import by_row

from curdbee_compat.limits import USUAL, Limits
from curdbee_compat.wire import rails_form, rails_json, rails_xml

SMALL = Limits(depth=3, fields=6, digits=20)
READERS = {"JSON": rails_json.read, "XML": rails_xml.read, "form": rails_form.urlencoded}


@by_row(
    "format, at, past",
    {
        "json objects": ("JSON", b'{"a":{"b":{"c":1}}}', b'{"a":{"b":{"c":{}}}}'),
        "json arrays": ("JSON", b"[[[1]]]", b"[[[[]]]]"),
        "json mixed": ("JSON", b'{"a":[{"c":1}]}', b'{"a":[{"c":[]}]}'),
        "xml": ("XML", b"<a><b><c>1</c></b></a>", b"<a><b><c><d/></c></b></a>"),
        "form": ("form", b"a[b][c]=1", b"a[b][c][d]=1"),
        "form lists": ("form", b"a[][c]=1", b"a[][c][]=1"),
    },
)
def test_depth(format: str, at: bytes, past: bytes) -> None:
    assert_limit(format, at, past)


@by_row(
    "format, at, past",
    {
        "json names": (
            "JSON",
            b'{"a":1,"b":2,"c":{"d":1,"e":2,"f":3}}',
            b'{"a":1,"b":2,"c":{"d":1,"e":2,"f":3,"g":4}}',
        ),
        "json elements": ("JSON", b"[1,2,3,4,5,6]", b"[1,2,3,4,5,6,7]"),
        "json both": ("JSON", b'{"a":[1,2,[3,4]]}', b'{"a":[1,2,[3,4,5]]}'),
        "xml elements": ("XML", b"<a><b/><b/><b/><b/><b/></a>", b"<a><b/><b/><b/><b/><b/><b/></a>"),
        "xml attributes": ("XML", b'<a b="" c=""><d e="" f=""/></a>', b'<a b="" c=""><d e="" f="" g=""/></a>'),
        "form": ("form", b"a=1&b=2&c[]=3&c[]=4&d=5&e=6", b"a=1&b=2&c[]=3&c[]=4&d=5&e=6&f=7"),
    },
)
def test_fields(format: str, at: bytes, past: bytes) -> None:
    assert_limit(format, at, past)


@by_row(
    "format, at, past",
    {
        "json integer": ("JSON", b"[-" + b"9" * 20 + b"]", b"[-" + b"9" * 21 + b"]"),
        "json fraction": ("JSON", b"[0." + b"1" * 19 + b"]", b"[0." + b"1" * 20 + b"]"),
        "json exponent": ("JSON", b"[-1.5e+" + b"0" * 17 + b"1]", b"[-1.5e+" + b"0" * 18 + b"1]"),
        "xml integer": (
            "XML",
            b'<a type="integer">-' + b"9" * 20 + b"</a>",
            b'<a type="integer">-' + b"9" * 21 + b"</a>",
        ),
        "xml decimal": (
            "XML",
            b'<a><b type="decimal">1.' + b"1" * 19 + b"</b></a>",
            b'<a><b type="decimal">1.1<![CDATA[' + b"1" * 19 + b"]]></b></a>",
        ),
        "xml float": ("XML", b'<a type="float">1e19</a>', b'<a type="float">' + b"1" * 20 + b"e9</a>"),
    },
)
def test_digits(format: str, at: bytes, past: bytes) -> None:
    assert_limit(format, at, past)


def assert_limit(format: str, at: bytes, past: bytes) -> None:
    """One is read, the other is malformed."""
    READERS[format](at, SMALL)
    with pytest.raises(ValueError, match=f"^Malformed {format}$"):
        READERS[format](past, SMALL)


def test_a_low_limit_of_digits_holds_for_short_integers_too() -> None:
    assert rails_json.read(b"[123]", Limits(digits=3)) == [123]
    with pytest.raises(ValueError, match=r"^Malformed JSON$"):
        rails_json.read(b"[1234]", Limits(digits=3))


def test_texts_may_have_any_number_of_digits() -> None:
    """A form and an untyped element hold texts: only a schema knows which are numbers."""
    digits = "9" * 5000
    assert rails_json.read(f'["{digits}"]'.encode()) == [digits]
    assert rails_xml.read(f'<a><b type="integer">1</b><c>{digits}</c></a>'.encode()) == {"a": {"b": "1", "c": digits}}
    assert rails_form.urlencoded(f"a={digits}".encode()) == {"a": digits}


def test_exponents_are_not_multiplied_out() -> None:
    started = time.process_time()
    assert rails_json.read(b"[1e999999999, -1e-999999999]") == [Decimal("1e999999999"), Decimal("-1e-999999999")]
    assert time.process_time() - started < 0.1


def line(format: str) -> bytes:
    """One line of an invoice with everything that a line may have."""
    names = ("name_and_description", "price", "quantity", "unit", "sort_order", "id")
    if format == "JSON":
        return b"{" + b",".join(f'"{name}":"10.00"'.encode() for name in names) + b"}"
    if format == "XML":
        return b"<l>" + b"".join(f"<{name}>10.00</{name}>".encode() for name in names) + b"</l>"
    return b"&".join(f"i[l][][{name}]=10.00".encode() for name in names)


WHOLE: dict[str, Callable[[bytes, int], bytes]] = {
    "JSON": lambda line, many: b'{"i":{"l":[' + b",".join([line] * many) + b"]}}",
    "XML": lambda line, many: b'<i><l type="array">' + line * many + b"</l></i>",
    "form": lambda line, many: b"&".join([line] * many),
}


@pytest.mark.parametrize("format", READERS)
def test_an_invoice_of_ten_thousand_lines_is_read(format: str) -> None:
    value = READERS[format](WHOLE[format](line(format), 10_000))
    assert len(value["i"]["l"]) == 10_000


@by_row(
    "format, body",
    {
        "json digits": ("JSON", b"[" + b"9" * 4_000_000 + b"]"),
        "json elements": ("JSON", b"[" + b"1," * 2_000_000 + b"1]"),
        "json names": ("JSON", b"{" + b",".join(b'"%d":1' % number for number in range(400_000)) + b"}"),
        "json depth": ("JSON", b'{"a":' * 800_000),
        "xml elements": ("XML", b"<a>" + b"<b/>" * 1_000_000 + b"</a>"),
        "xml attributes": ("XML", b"<a " + b" ".join(b'a%d=""' % number for number in range(400_000)) + b"/>"),
        "xml digits": ("XML", b'<a type="integer">' + b"9" * 4_000_000 + b"</a>"),
        "form fields": ("form", b"a&" * 2_000_000),
        "form depth": ("form", b"a" + b"[b]" * 1_300_000),
        "form depths": ("form", b"&".join(b"a%d" % number + b"[b]" * USUAL.depth for number in range(13_000))),
    },
)
def test_what_is_past_a_limit_is_refused_in_time(format: str, body: bytes) -> None:
    started = time.process_time()
    with pytest.raises(ValueError, match=f"^Malformed {format}$"):
        READERS[format](body)
    assert time.process_time() - started < 2
