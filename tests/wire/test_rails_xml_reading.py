"""XML read as Rails 2.3 read it, less its holes. No application."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curdbee_compat.limits import USUAL
from curdbee_compat.wire import rails_xml

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

# As printed on the Payments page.
CREATE_SAMPLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<payment>
   <date>2010-09-30</date>
   <amount>100.00</amount>
   <payment-method>PayPal</payment-method>
</payment>
"""
MALFORMED = [
    b"plain text",
    b"<",
    b"<payment>",
    b"<payment><amount>5</payment>",
    b"<payment/><payment/>",
    b"<payment/>x",
    b"<payment a='1' a='2'/>",
    b"<payment>&unknown;</payment>",
    b"<payment>\x00</payment>",
    b"<payment>\x01</payment>",
    b"<payment>&#1;</payment>",
    b"<payment>&#xD800;</payment>",
    b"<payment>\xe9</payment>",
    b"<payment>\xef\xbf\xbf</payment>",
    b'{"payment":{"amount":5}}',
    b'<?xml version="1.0" encoding="no-such"?><payment/>',
    b'<?xml version="1.0" encoding="shift_jis"?><payment>\x81</payment>',
    b'<?xml version="1.0" encoding="rot13"?><payment/>',
    b'<?xml version="1.0" encoding="idna"?><payment/>',
    b'<?xml version="1.0" encoding="UTF-8"?>',
    b"<!-- nothing else -->",
]
ENTITIES = [
    b'<!DOCTYPE p [<!ENTITY x "5">]><p><amount>&x;</amount></p>',
    b'<!DOCTYPE p [<!ENTITY x "5">]><p><amount>5</amount></p>',
    b'<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/hostname">]><p>&x;</p>',
    b'<!DOCTYPE p [<!ENTITY % x "5">]><p/>',
    b'<!DOCTYPE p [<!ENTITY % x SYSTEM "file:///etc/hostname"> %x;]><p/>',
    b'<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><p>&b;</p>',
    b'<!DOCTYPE p SYSTEM "http://127.0.0.1/x.dtd"><p>&x;</p>',
    b"<!DOCTYPE p [%x;]><p>&y;</p>",
    b'<!DOCTYPE p [<!ATTLIST p amount CDATA "5">]><p/>',
]


def test_the_samples_are_read_as_written() -> None:
    fields = {"date": "2010-09-30", "amount": "100.00", "payment_method": "PayPal"}
    assert rails_xml.read(CREATE_SAMPLE) == {"payment": fields}
    assert rails_xml.read(b"<payment>\n  <amount>150.00</amount>\n</payment>") == {"payment": {"amount": "150.00"}}


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("<x>a</x>", "a"),
        ("<x> a\n</x>", " a\n"),
        ("<x> </x>", " "),
        ("<x/>", None),
        ("<x></x>", None),
        ('<x type="string"/>', None),
        ("<x><![CDATA[<a> & ]]>b&lt;&#233;&#x2603;</x>", "<a> & b<é☃"),
        ("<x>a<!-- note -->b<?pi?>c</x>", "abc"),
        ('<x nil="true"></x>', None),
        ('<x nil="true"/>', None),
        ('<x nil="true"> \n</x>', None),
        ('<x nil="true">5</x>', "5"),
        ('<x nil="false">5</x>', "5"),
        ('<x nil="false"/>', None),
        ('<x type="date" nil="true"/>', None),
        ('<x type="integer">100.99</x>', "100.99"),
        ('<x type="decimal"> 5.00 </x>', " 5.00 "),
        ('<x type="decimal">abc</x>', "abc"),
        ('<x type="date">2010-02-30</x>', "2010-02-30"),
        ('<x type="datetime">2010-09-30T23:00:00-05:00</x>', "2010-09-30T23:00:00-05:00"),
        ('<x type="yaml">--- !ruby/object:A {}</x>', "--- !ruby/object:A {}"),
        ('<x type="symbol">a</x>', "a"),
        ('<x type="file" name="a">b</x>', "b"),
        ('<x type="money">5</x>', "5"),
        ('<x type="boolean">true</x>', True),
        ('<x type="boolean"> 1 </x>', True),
        ('<x type="boolean">false</x>', False),
        ('<x type="boolean">yes</x>', False),
        ('<x type="boolean"/>', None),
        ("<x>true</x>", "true"),
        ('<x currency="USD">5</x>', "5"),
        ('<x currency="USD"/>', {"currency": "USD"}),
        ('<x xmlns="urn:a" xmlns:xsi="urn:b" xsi:type="d" xsi:nil="true" xml:space="preserve"/>', None),
        ("<x>a<b>c</b>d</x>", {"b": "c"}),
        ('<x type="array"/>', []),
        ('<x type="array"> \n</x>', []),
        ('<x type="array" nil="true"></x>', []),
        ('<x type="array"><y>1</y></x>', ["1"]),
        ('<x type="array"><y>1</y><z/><y>2</y></x>', ["1", "2", None]),
        ('<x type="array"><y><a>1</a></y><y><a>2</a></y></x>', [{"a": "1"}, {"a": "2"}]),
        ('<x type="array"><y type="array"><a>1</a></y></x>', [["1"]]),
        ('<x type="array" note="n"><y type="boolean">1</y></x>', [True]),
    ],
)
def test_an_element_is_read_as_rails_typed_it(element: str, value: object) -> None:
    assert rails_xml.read(f"<payment>\n  {element}\n</payment>".encode()) == {"payment": {"x": value}}


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ("<payment-method>a</payment-method>", {"payment_method": "a"}),
        ("<payment_method>a</payment_method>", {"payment_method": "a"}),
        ("<payment-method>a</payment-method><payment_method>b</payment_method>", {"payment_method": "b"}),
        ("<payment_method>a</payment_method><payment-method>b</payment-method>", {"payment_method": "b"}),
        ("<paymentMethod>a</paymentMethod>", {"paymentMethod": "a"}),
        ("<amount>1</amount><date>2</date><amount/>", {"amount": ["1", None], "date": "2"}),
        ("<q:amount>5</q:amount>", {"amount": "5"}),
        ("<type>a</type><nil>b</nil>", {"type": "a", "nil": "b"}),
    ],
)
def test_fields_have_one_name_whatever_the_spelling(fields: str, value: dict[str, object]) -> None:
    assert rails_xml.read(f"<payment>{fields}</payment>".encode()) == {"payment": value}


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ('<payment date="2010-09-30" amount="5"/>', {"date": "2010-09-30", "amount": "5"}),
        ('<payment payment-method="cash">\n</payment>', {"payment_method": "cash"}),
        ('<payment amount="5" id="1"><amount>6</amount></payment>', {"amount": "6", "id": "1"}),
        ('<payment payment-method="a"><payment_method>b</payment_method></payment>', {"payment_method": "b"}),
        ('<payment type="Payment"><amount>6</amount></payment>', {"amount": "6"}),
    ],
)
def test_attributes_are_fields_too_but_children_win(body: str, value: dict[str, str]) -> None:
    assert rails_xml.read(body.encode()) == {"payment": value}


@pytest.mark.parametrize(
    "body", ["<payment/>", "<payment></payment>", "<payment>\n  \n</payment>", '<payment nil="true"/>']
)
def test_a_record_with_nothing_in_it_is_none(body: str) -> None:
    assert rails_xml.read(body.encode()) == {"payment": None}


@pytest.mark.parametrize(
    ("body", "root"),
    [
        ("<invoice-payment>x</invoice-payment>", "invoice_payment"),
        ('<p:payment xmlns:p="urn:a">x</p:payment>', "payment"),
    ],
)
def test_the_root_is_underscored_and_without_its_prefix(body: str, root: str) -> None:
    assert rails_xml.read(body.encode()) == {root: "x"}


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_a_blank_body_is_no_fields(body: bytes) -> None:
    assert rails_xml.read(body) == {}


@pytest.mark.parametrize(
    "body",
    [
        "<a>é</a>".encode(),
        b"\xef\xbb\xbf" + "<a>é</a>".encode(),
        b"\xef\xbb\xbf\r\n" + f"{DECLARATION}<a>é</a>".encode(),
        b"\xef\xbb\xbf" + '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode(),
        f"\r\n \t{DECLARATION}<a>é</a>\n".encode(),
        '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"),
        '<?xml version="1.0" encoding="windows-1252"?><a>é</a>'.encode("cp1252"),
        "<a>é</a>".encode("utf-16"),
        "<!DOCTYPE a><a>é</a>".encode(),
        "<!DOCTYPE a [<!ELEMENT a ANY>]><a>é</a>".encode(),
        '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a>é</a>'.encode(),
        "<!-- note --><?pi x?><a>é</a><!-- end -->".encode(),
    ],
)
def test_encodings_marks_and_blanks_before_the_declaration_do_no_harm(body: bytes) -> None:
    assert rails_xml.read(body) == {"a": "é"}


@pytest.mark.parametrize("body", MALFORMED + ENTITIES)
def test_a_malformed_body_or_an_entity_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^Malformed XML$"):
        rails_xml.read(body)


def test_many_elements_beside_each_other_are_not_deep() -> None:
    assert rails_xml.read(b"<a>" + b"<b/>" * 1_000 + b"</a>") == {"a": {"b": [None] * 1_000}}


def test_nesting_is_bounded_before_anything_is_built() -> None:
    value: object = rails_xml.read(b"<a>" * USUAL.depth + b"1" + b"</a>" * USUAL.depth)
    for _ in range(USUAL.depth):
        assert isinstance(value, dict)
        value = value["a"]
    assert value == "1"
    started = time.process_time()
    for depth in (USUAL.depth + 1, 500_000):
        with pytest.raises(ValueError, match=r"^Malformed XML$"):
            rails_xml.read(b"<a>" * depth + b"</a>" * depth)
    assert time.process_time() - started < 1


markup = b'<a>|</a>|<a/>|<b:c>|</b:c>|<a |type="array"|nil="true"|x="1"|>|<|&|&#13;|t| |[|]|<![CDATA[|]]>'
declarations = b'<!DOCTYPE a|<?xml version="1.0" encoding="|utf-16|"?>|<!--|-->|<!ENTITY x "y">|&x;'
pieces = st.sampled_from(markup.split(b"|") + declarations.split(b"|"))


@given(
    st.binary()
    | st.lists(pieces).map(b"".join)
    | st.lists(pieces).map(lambda inner: b"<a>" + b"".join(inner) + b"</a>")
)
def test_any_bytes_are_read_or_a_value_error(body: bytes) -> None:
    result: object
    try:
        result = rails_xml.read(body)
    except ValueError as error:
        result = str(error)
    assert isinstance(result, dict) or result == "Malformed XML"
