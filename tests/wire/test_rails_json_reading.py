"""JSON read leniently. No application."""

import contextlib
import json
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curdbee_compat.wire import rails_json

# As printed on the Payments page.
UPDATE_SAMPLE = b"""{
  "payment": {
    "amount": "150.00",
  }
}"""

MALFORMED = [
    b"{",
    b'{"a":1',
    b'{"a"}',
    b"abc",
    b"'a'",
    b"{payment: {amount: 5}}",
    b'{"a":1} x',
    b'{"a":1}{"a":1}',
    b"[1,,]",
    b"[1 2]",
    b",",
    b"NaN",
    b'{"a":NaN}',
    b'{"a":[Infinity,]}',
    b"-Infinity",
    b'{"a":1 /* note */}',
    b'// note\n{"a":1}',
    b'{"a":"\xe9"}',
    b'\xff\xfe{\x00"\x00}\x00',
    b'"\xed\xa0\x80"',
    b'{"a":"line\nbreak"}',
    b'{"a":01}',
    b'{"a":5.}',
    b'{"a":.5}',
    b'{"a":1e9999999999999999999}',
    b"\xef\xbb\xbf\xef\xbb\xbf{}",
    b"\x00",
]


def test_the_update_sample_is_read_in_spite_of_its_comma() -> None:
    assert rails_json.read(UPDATE_SAMPLE) == {"payment": {"amount": "150.00"}}


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"[1,2 , ]", [1, 2]),
        (b'{"a":[1,],"b":{"c":2,\r\n\t},}', {"a": [1], "b": {"c": 2}}),
        (b'{"a":"x,}","b":",]",}', {"a": "x,}", "b": ",]"}),
        (b'{"a":"\\",}","b\\\\":",]",}', {"a": '",}', "b\\": ",]"}),
        ('{"é":"\\u00e9,}",}'.encode(), {"é": "é,}"}),
    ],
)
def test_trailing_commas_go_but_never_out_of_a_string(body: bytes, value: object) -> None:
    assert rails_json.read(body) == value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=20,
)


def with_trailing_commas(value: object) -> str:
    if isinstance(value, list):
        return "[" + "".join(f"{with_trailing_commas(each)}, " for each in value) + "]"
    if isinstance(value, dict):
        return "{" + "".join(f"{json.dumps(key)}:{with_trailing_commas(each)},\n" for key, each in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


@given(json_values)
def test_any_value_is_read_the_same_with_trailing_commas_as_without(value: object) -> None:
    assert rails_json.read(json.dumps(value).encode()) == value
    assert rails_json.read(with_trailing_commas(value).encode()) == value


@given(json_values)
def test_any_value_written_is_read_the_same(value: object) -> None:
    assert rails_json.read(rails_json.record("payment", value)) == {"payment": value}


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n\t ", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n"])
def test_a_blank_body_is_no_fields(body: bytes) -> None:
    assert rails_json.read(body) == {}


@pytest.mark.parametrize("body", [b'{"a":1}', b'\xef\xbb\xbf{"a":1}', b' \n{"a":1}\n', b'\xef\xbb\xbf{"a":1,}'])
def test_a_byte_order_mark_and_blanks_around_do_no_harm(body: bytes) -> None:
    assert rails_json.read(body) == {"a": 1}


@pytest.mark.parametrize(("body", "value"), [(b"null", None), (b"[]", []), (b"5", 5), (b'"x"', "x"), (b"true", True)])
def test_a_body_need_not_be_an_object(body: bytes, value: object) -> None:
    assert rails_json.read(body) == value


def test_the_last_of_two_equal_keys_wins() -> None:
    assert rails_json.read(b'{"a":1,"b":2,"a":3}') == {"a": 3, "b": 2}


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"1.005", Decimal("1.005")),
        (b"100.00", Decimal("100.00")),
        (b"1e400", Decimal("1e400")),
        (b"1e3", Decimal("1e3")),
        (b"-0.0", Decimal("-0.0")),
        (b"5", 5),
        (b"-999999999999999999", -(10**18) + 1),
        (b"1000000000000000000", Decimal(10**18)),
        (b"-1000000000000000000", Decimal(-(10**18))),
    ],
)
def test_fractions_and_huge_integers_are_exact_decimals(body: bytes, value: Decimal | int) -> None:
    parsed = rails_json.read(body)
    assert (type(parsed), str(parsed)) == (type(value), str(value))


@pytest.mark.parametrize("body", MALFORMED)
def test_a_malformed_body_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^Malformed JSON$"):
        rails_json.read(body)


@pytest.mark.parametrize("body", [b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000, b"[" * 5_000 + b",]" * 5_000])
def test_a_body_nested_too_deep_is_malformed(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^Malformed JSON$"):
        rails_json.read(body)


@pytest.mark.parametrize(
    "body",
    [
        b'\\"' * 500_000,
        b'"' * 1_000_001,
        b"," * 1_000_000,
        b"[" + b", " * 500_000,
        b"[1," + b" " * 1_000_000,
        b"9" * 1_000_000,
    ],
    ids=["escapes", "quotes", "commas", "spaced commas", "blanks", "digits"],
)
def test_a_hostile_body_is_done_with_in_time(body: bytes) -> None:
    started = time.process_time()
    with contextlib.suppress(ValueError):
        rails_json.read(body)
    assert time.process_time() - started < 2


pieces = st.sampled_from(
    [b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"1", b"e", b".", b"-", b"NaN", b"null", b" ", b"\xff"]
)


@given(st.binary() | st.lists(pieces).map(b"".join))
def test_any_bytes_are_read_or_a_value_error(body: bytes) -> None:
    message = "Malformed JSON"
    try:
        rails_json.read(body)
    except ValueError as error:
        message = str(error)
    assert message == "Malformed JSON"
