"""XML written as Rails 2.3 wrote it, and read again. No application."""

import logging
import time
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from documents import CASH, LIST_XML, PAYPAL, SHOW_XML
from hypothesis import given
from hypothesis import strategies as st

from curdbee_compat.wire import rails_xml
from curdbee_compat.wire.records import Records

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
INVOICE = b"""<?xml version="1.0" encoding="UTF-8"?>
<invoice>
  <line-items type="array">
    <line-item>
      <price>1.00</price>
      <quantity type="float">2.0</quantity>
      <sort-order nil="true"></sort-order>
    </line-item>
    <line-item>
      <price>2.00</price>
      <quantity type="float">0.5</quantity>
      <sort-order type="integer">1</sort-order>
    </line-item>
  </line-items>
  <notes></notes>
  <client>
    <name>A &amp; B</name>
    <id type="integer">3</id>
  </client>
  <payment-options type="array">
    <payment-option>paypal</payment-option>
    <payment-option>a&lt;b</payment-option>
  </payment-options>
  <tags type="array"/>
  <extra></extra>
  <allow-partial-payments type="boolean">false</allow-partial-payments>
</invoice>
"""


def test_the_documented_samples_are_written_byte_for_byte() -> None:
    assert rails_xml.collection("payments", "payment", Records.of([CASH, PAYPAL])) == LIST_XML.encode()
    assert rails_xml.record("payment", PAYPAL) == SHOW_XML.encode()
    assert rails_xml.read(SHOW_XML.encode()) == {"payment": {**PAYPAL, "id": "45"}}


def test_every_kind_of_value_is_written_as_rails_typed_it() -> None:
    invoice = {
        "line_items": [
            {"price": "1.00", "quantity": 2.0, "sort_order": None},
            {"price": "2.00", "quantity": 0.5, "sort_order": 1},
        ],
        "notes": "",
        "client": {"name": "A & B", "id": 3},
        "payment_options": ["paypal", "a<b"],
        "tags": [],
        "extra": {},
        "allow_partial_payments": False,
    }
    assert rails_xml.record("invoice", invoice) == INVOICE


def test_nil_and_true_have_their_types() -> None:
    written = rails_xml.record("payment", {"payment_method": None, "accounted": True, "id": -5})
    assert written.decode() == DECLARATION + (
        '<payment>\n  <payment-method nil="true"></payment-method>\n'
        '  <accounted type="boolean">true</accounted>\n  <id type="integer">-5</id>\n</payment>\n'
    )


def test_lists_of_none_and_of_one_are_still_typed_as_lists() -> None:
    assert (
        rails_xml.collection("payments", "payment", Records.of([])).decode()
        == DECLARATION + '<payments type="array"/>\n'
    )
    assert rails_xml.collection("currencies", "currency", Records.of([{"name": "Yen"}])).decode() == DECLARATION + (
        '<currencies type="array">\n  <currency>\n    <name>Yen</name>\n  </currency>\n</currencies>\n'
    )


def test_only_what_must_be_is_escaped() -> None:
    written = rails_xml.record("payment", {"payment_method": "<a & b> \"c\" 'd' é ☃ 😀\r\n\t]]>"}).decode()
    assert "<payment-method>&lt;a &amp; b&gt; \"c\" 'd' é ☃ 😀&#13;\n\t]]&gt;</payment-method>" in written


def test_names_may_have_any_letters() -> None:
    written = rails_xml.record("invoice", {"ermäßigt_☃": "größer", "date": "2010-09-30"}).decode()
    assert "  <ermäßigt-☃>größer</ermäßigt-☃>\n  <date>2010-09-30</date>\n" in written


@pytest.mark.parametrize("value", [Decimal("1.00"), b"x", ("a",), object()])
def test_what_schemas_never_dump_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=r"^amount is a "):
        rails_xml.record("payment", {"amount": value})


def test_two_hundred_payments_are_written_in_no_time() -> None:
    # Half a millisecond on an idle machine; with a library that builds a tree first 8, with dicttoxml 76.
    payments = Records.of([dict(CASH, id=each) for each in range(200)])
    taken = []
    for _ in range(30):
        started = time.process_time_ns()
        rails_xml.collection("payments", "payment", payments)
        taken.append(time.process_time_ns() - started)
    assert min(taken) < 4_000_000


@pytest.mark.parametrize(
    ("messages", "lines"),
    [
        (["Date can't be blank"], ["  <error>Date can't be blank</error>"]),
        (
            ["Amount is not a number", '"<&>" &apos; é'],
            ["  <error>Amount is not a number</error>", '  <error>"&lt;&amp;&gt;" &amp;apos; é</error>'],
        ),
        (["</error></errors>\r"], ["  <error>&lt;/error&gt;&lt;/errors&gt;&#13;</error>"]),
        ([], []),
    ],
)
def test_errors_are_written_as_rails_wrote_them(messages: list[str], lines: list[str]) -> None:
    expected = "\n".join([DECLARATION + "<errors>", *lines, "</errors>", ""])
    assert rails_xml.errors(messages).decode() == expected


class LazyText(str):
    """As translations are: a str, but not of exactly that type."""

    __slots__ = ()


def test_a_message_of_a_subclass_of_str_stays_in_one_piece() -> None:
    assert b"<error>is invalid</error>" in rails_xml.errors([LazyText("is invalid")])


def test_writing_errors_logs_nothing_at_any_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    rails_xml.errors(["Date can't be blank"])
    assert caplog.records == []


# What XML 1.0 can hold; the rest is refused on input.
xml_texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r<>&\"'")
)
xml_values = st.dictionaries(
    st.sampled_from(["amount", "payment_method", "line_items_attributes", "tax2", "notes", "id"]), xml_texts
)


@given(xml_texts)
def test_any_text_written_is_read_the_same(text: str) -> None:
    body = rails_xml.record("payment", {"payment_method": text, "date": "2010-09-30"})
    assert rails_xml.read(body) == {"payment": {"payment_method": text or None, "date": "2010-09-30"}}


@given(xml_values.filter(bool).flatmap(lambda shape: st.lists(st.fixed_dictionaries(dict.fromkeys(shape, xml_texts)))))
def test_any_list_written_is_read_the_same(values: list[dict[str, str]]) -> None:
    expected = [{name: text or None for name, text in value.items()} for value in values]
    assert rails_xml.read(rails_xml.collection("payments", "payment", Records.of(values))) == {"payments": expected}
    record = rails_xml.record("invoice", {"line_items": values, "client": {"name": "x"}})
    assert rails_xml.read(record) == {"invoice": {"line_items": expected, "client": {"name": "x"}}}


@given(st.lists(xml_texts))
def test_any_messages_written_are_read_by_another_parser(messages: list[str]) -> None:
    root = ElementTree.fromstring(rails_xml.errors(messages))
    assert [(each.tag, each.text or "") for each in root] == [("error", message) for message in messages]


@pytest.mark.parametrize("columns", [[["1"], ["1", "2"]], [["1", "2"], ["1"]], [["1", "2"], ["1", "1", "2"]]])
def test_columns_of_different_lengths_are_no_list(columns: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="zip"):
        rails_xml.collection("payments", "payment", Records(["date", "amount"], columns))
