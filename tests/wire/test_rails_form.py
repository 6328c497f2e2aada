"""Forms in Rails' notation. No application."""

from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curdbee_compat.limits import USUAL
from curdbee_compat.wire import rails_form


@pytest.mark.parametrize(
    ("pairs", "value"),
    [
        ([], {}),
        ([("amount", "5")], {"amount": "5"}),
        ([("payment[amount]", "5"), ("payment[date]", "")], {"payment": {"amount": "5", "date": ""}}),
        (
            [("i[lines][0][price]", "1"), ("i[lines][0][unit]", "h"), ("i[lines][1][price]", "2")],
            {"i": {"lines": {"0": {"price": "1", "unit": "h"}, "1": {"price": "2"}}}},
        ),
        ([("a[b][]", "1"), ("a[b][]", "2")], {"a": {"b": ["1", "2"]}}),
        ([("a[]", "1")], {"a": ["1"]}),
        (
            [("a[][b]", "1"), ("a[][c]", "2"), ("a[][b]", "3"), ("a[][c]", "4")],
            {"a": [{"b": "1", "c": "2"}, {"b": "3", "c": "4"}]},
        ),
        (
            [("a[][b][c]", "1"), ("a[][b][d]", "2"), ("a[][b][c]", "3")],
            {"a": [{"b": {"c": "1", "d": "2"}}, {"b": {"c": "3"}}]},
        ),
        ([("a[][b][]", "1"), ("a[][b][]", "2")], {"a": [{"b": ["1", "2"]}]}),
        ([("a[]", "1"), ("a[][b]", "2")], {"a": ["1", {"b": "2"}]}),
        ([("payment[date(1i)]", "2010")], {"payment": {"date(1i)": "2010"}}),
    ],
)
def test_brackets_nest_as_in_rails(pairs: list[tuple[str, str]], value: dict[str, object]) -> None:
    assert rails_form.read(iter(pairs)) == value


def test_the_last_of_two_values_wins() -> None:
    pairs = [("payment[amount]", "1"), ("payment[amount]", "2"), ("page", "3"), ("page", "4")]
    assert rails_form.read(pairs) == {"payment": {"amount": "2"}, "page": "4"}


@pytest.mark.parametrize("name", ["a[b", "a]", "[a]", "a[b]c", "a[[b]]", "[]", "", "a[b]]", "]["])
def test_a_name_with_brackets_out_of_order_is_a_name(name: str) -> None:
    assert rails_form.read([(name, "1")]) == {name: "1"}


@pytest.mark.parametrize(
    "names",
    [
        ("a", "a[b]"),
        ("a[b]", "a"),
        ("a", "a[]"),
        ("a[]", "a"),
        ("a[]", "a[b]"),
        ("a[b]", "a[]"),
        ("a[b]", "a[b][c]"),
        ("a[b][c]", "a[b]"),
        ("a[][b]", "a[][b][c]"),
        ("a[][]",),
        ("a[][][b]",),
    ],
)
def test_one_name_in_two_shapes_is_malformed(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"^Malformed form$"):
        rails_form.read([(name, "c") for name in names])


def test_nesting_is_bounded() -> None:
    deepest = "a" + "[b]" * (USUAL.depth - 1)
    value: object = rails_form.read([(deepest, "1")])
    for _ in range(USUAL.depth):
        assert isinstance(value, dict)
        (value,) = value.values()
    assert value == "1"
    for name in (deepest + "[c]", "a" + "[b]" * 100_000, "a" + "[]" * 100_000):
        with pytest.raises(ValueError, match=r"^Malformed form$"):
            rails_form.read([(name, "1")])


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"", {}),
        (b"payment[amount]=5&payment[payment_method]=", {"payment": {"amount": "5", "payment_method": ""}}),
        (b"payment%5Bamount%5D=5.00", {"payment": {"amount": "5.00"}}),
        (b"a=b+c%2B%26", {"a": "b c+&"}),
        (b"a=caf%C3%A9&b=caf\xc3\xa9", {"a": "café", "b": "café"}),
        (b"a&b=", {"a": "", "b": ""}),
        (b"&&a=1&&", {"a": "1"}),
        (b"a=1;b=2", {"a": "1;b=2"}),
        (b"a=x=y", {"a": "x=y"}),
        (b"a=100%", {"a": "100%"}),
        (b"a=%zz", {"a": "%zz"}),
    ],
)
def test_an_urlencoded_body_is_decoded(body: bytes, value: dict[str, object]) -> None:
    assert rails_form.urlencoded(body) == value


@pytest.mark.parametrize("body", [b"a=caf\xe9", b"a=caf%E9", b"%ff=1", b"a=%ed%a0%80", b"a[]=1&a=2"])
def test_a_body_that_is_not_utf8_or_contradicts_itself_is_malformed(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^Malformed form$"):
        rails_form.urlencoded(body)


def test_a_hundred_thousand_fields_are_the_most() -> None:
    assert rails_form.urlencoded(b"&".join([b"a[]=1"] * 100_000)) == {"a": ["1"] * 100_000}
    with pytest.raises(ValueError, match=r"^Malformed form$"):
        rails_form.urlencoded(b"&".join([b"a[]=1"] * 100_001))


texts = st.text(st.characters(codec="utf-8"))
names = st.text(st.characters(codec="utf-8", exclude_characters="[]"), min_size=1)


@given(st.dictionaries(names, st.dictionaries(names, texts | st.lists(texts, min_size=1), min_size=1)))
def test_any_fields_come_back_as_they_were_sent(fields: dict[str, dict[str, str | list[str]]]) -> None:
    pairs = []
    for root, attributes in fields.items():
        for name, value in attributes.items():
            pairs += (
                [(f"{root}[{name}]", value)]
                if isinstance(value, str)
                else [(f"{root}[{name}][]", each) for each in value]
            )
    body = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
    assert rails_form.urlencoded(body.encode()) == fields


pieces = st.sampled_from(
    [b"a", b"b", b"[", b"]", b"[]", b"[a]", b"[b]", b"=", b"&", b"1", b"%5B", b"%", b"+", b"\xff", b"%ff"]
)


@given(st.binary() | st.lists(pieces, max_size=40).map(b"".join))
def test_any_bytes_are_read_or_a_value_error(body: bytes) -> None:
    result: object
    try:
        result = rails_form.urlencoded(body)
    except ValueError as error:
        result = str(error)
    assert isinstance(result, dict) or result == "Malformed form"
