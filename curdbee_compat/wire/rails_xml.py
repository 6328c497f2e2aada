"""XML bodies as Rails 2.3 wrote and read them: typed leaves, dashes for underscores; knows no resource."""

import codecs
import functools
import itertools
import logging
from collections.abc import Iterable, Mapping, Sequence
from types import NoneType
from typing import Any, NoReturn
from xml.parsers import expat

import dicttoxml
import xmltodict

from curdbee_compat.limits import USUAL, Limits
from curdbee_compat.wire.records import Records

_MALFORMED = "Malformed XML"
_BLANKS = b" \t\r\n"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_INDENT = "  "
_NUMBERS = ("integer", "decimal", "float")
# Texts, dates and money carry no type: the samples of the Payments page show only the id typed.
_ATTRIBUTES = {
    str: "",
    int: ' type="integer"',
    float: ' type="float"',
    bool: ' type="boolean"',
    list: ' type="array"',
    NoneType: ' nil="true"',
}
# It logs every value it is given at INFO: payments would end up in the log of whoever sets that level.
logging.getLogger("dicttoxml").setLevel(logging.WARNING)


def read(body: bytes, limits: Limits = USUAL) -> dict[str, Any]:
    """{"payment": {"payment_method": "cash"}}: the root and its fields, underscored; {} for a blank body.

    A leaf is its text as written, or None when empty or nil="true" without text. type="array" gives a list,
    type="boolean" True or False; no other type is obeyed: integer would cut 100.99, yaml was a hole in Rails.
    Of two spellings of a field the later wins; the same tag twice is a list. Attributes of an element without
    text are fields too; texts between child elements are not.
    ValueError("Malformed XML") for what no parser takes, any entity, and more than the limits allow.
    """
    text = body.removeprefix(codecs.BOM_UTF8)
    encoding = None if len(text) == len(body) else "utf-8"
    text = text.lstrip(_BLANKS)  # expat takes no blank before the declaration, Rails did
    if not text:
        return {}
    try:
        _survey(text, encoding, limits)
        ((root, node),) = xmltodict.parse(text, encoding=encoding, strip_whitespace=False).items()
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise ValueError(_MALFORMED) from error
    value = _value(node)
    blank = isinstance(value, str) and not value.strip()
    return {_field(root): None if blank else value}


def record(root: str, value: Mapping[str, Any]) -> bytes:
    """One record as a document; TypeError for what is no str, int, float, bool, None, list or dict."""
    return _document(_record(root, value, ""))


def collection(plural: str, root: str, values: Records) -> bytes:
    """A list of records; always typed, since without it old clients take a list of one for a record."""
    records = _records(root, values, _INDENT)
    if not records:
        return _document(_element(plural, [], ""))
    opening, closing = _tags(_ATTRIBUTES[list], "")[plural]
    return _document(f"{opening}\n{records}{closing}")


def errors(messages: list[str]) -> bytes:
    """Full messages as Rails lists them, untyped: <errors><error>Date can't be blank</error></errors>."""
    written = dicttoxml.dicttoxml(
        [str(message) for message in messages],  # it takes a subclass of str apart into letters
        custom_root="errors",
        item_func=lambda parent: "error",
        attr_type=False,
        xml_declaration=False,
        return_bytes=False,
    )
    # Texts are escaped, so what is replaced here is markup.
    lines = written.replace("<error>", "\n  <error>").replace("</errors>", "\n</errors>\n")
    bare = lines.replace("&apos;", "'").replace("&quot;", '"').replace("\r", "&#13;")
    return (_DECLARATION + bare).encode()


class _Survey:
    """Counts elements and attributes as the parser comes by; ValueError once there are too many, or too deep."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._depth, self._fields, self._digits = limits, 0, 0, 0
        self._typed = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth, self._fields = self._depth + 1, self._fields + 1 + len(attributes)
        self._typed, self._digits = attributes.get("type") in _NUMBERS, 0
        if self._depth > self._limits.depth or self._fields > self._limits.fields:
            raise ValueError("limit")

    def end(self, name: str) -> None:
        self._depth, self._typed = self._depth - 1, False

    def text(self, data: str) -> None:
        if self._typed:
            self._digits += sum(map(str.isdigit, data))
            if self._digits > self._limits.digits:
                raise ValueError("digits")


def _survey(text: bytes, encoding: str | None, limits: Limits) -> None:
    """ValueError for entities, default attributes and what is past a limit, before anything is built."""
    survey = _Survey(limits)
    parser = expat.ParserCreate(encoding)
    parser.StartElementHandler = survey.start
    parser.EndElementHandler = survey.end
    parser.CharacterDataHandler = survey.text
    parser.EntityDeclHandler = _refused
    parser.AttlistDeclHandler = _refused  # a long default, copied into every element, is a bomb as well
    parser.SkippedEntityHandler = _refused  # one that an external DTD, never fetched, may declare
    parser.Parse(text, True)


def _refused(*_: object) -> NoReturn:
    raise ValueError("declaration")


def _value(node: Any) -> Any:
    """The value of a node of xmltodict: text, None, a list, or a dict with "@attribute" and "#text" keys."""
    if isinstance(node, list):
        return [_value(each) for each in node]
    if not isinstance(node, dict):
        return node
    children = {name: child for name, child in node.items() if name[0] not in "@#"}
    if node.get("@type") == "array":
        repeated = (child if isinstance(child, list) else [child] for child in children.values())
        return [_value(each) for tag in repeated for each in tag]
    fields = {_field(name[1:]): text for name, text in node.items() if _is_field(name)}
    if children:
        return fields | {_field(name): _value(child) for name, child in children.items()}
    return _leaf(node, fields)


def _leaf(node: dict[str, str], fields: dict[str, str]) -> Any:
    """The value of an element with attributes but no children; blanks between its tags are no text."""
    text = node.get("#text")
    if text is None or not text.strip():
        if node.get("@nil") == "true":
            return None
        if fields:
            return fields
    if text is not None and node.get("@type") == "boolean":
        return text.strip() in ("true", "1")
    return text


def _is_field(name: str) -> bool:
    """An attribute with a prefix (xsi:type, xml:space, xmlns:p) speaks of the element, not of the record."""
    return name[0] == "@" and ":" not in name and name not in ("@type", "@nil", "@xmlns")


def _field(name: str) -> str:
    return name.rpartition(":")[2].replace("-", "_")


class _Tags(dict[str, tuple[str, str]]):
    """The opening and closing tag of each name, kept once made: names are the fields of schemas, so few."""

    def __init__(self, attributes: str, pad: str) -> None:
        self._attributes, self._pad = attributes, pad

    def __missing__(self, name: str) -> tuple[str, str]:
        tag = name.replace("_", "-").encode().decode("latin-1")
        self[name] = f"{self._pad}<{tag}{self._attributes}>", f"</{tag}>\n"
        return self[name]


_tags = functools.cache(_Tags)


def _record(name: str, value: Mapping[str, Any], pad: str) -> str:
    opening, closing = _tags("", pad)[name]
    fields = "".join([_element(field, each, pad + _INDENT) for field, each in value.items()])
    return f"{opening}\n{fields}{pad}{closing}" if value else opening + closing


def _records(name: str, values: Records, pad: str) -> str:
    """All records of a list, in one join: what stands between their values, over and over, and the values."""
    count = len(values.columns[0]) if values.names else 0
    if not count:
        return ""
    opening, closing = _tags("", pad)[name]
    between, pieces = f"{opening}\n", list[Iterable[str]]()
    for name, column in zip(values.names, values.columns, strict=True):
        if len(column) == count and isinstance(column[0], str) and column.count(column[0]) == count:  # as the balance
            between += _element(name, column[0], pad + _INDENT)
            continue
        texts = _flag if name in values.flags else _column
        before, written, after = texts(name, column, pad + _INDENT)
        pieces += [itertools.repeat(between + before, count), written]
        between = after
    pieces.append(itertools.repeat(f"{between}{pad}{closing}", count))
    return "".join(itertools.chain.from_iterable(zip(*pieces, strict=True)))


def _column(name: str, values: Sequence[Any], pad: str) -> tuple[str, Iterable[str], str]:
    """What stands before the values of one name, the values as texts, and what stands behind. Columns of texts and of
    integers, nearly all of them, are looked at once."""
    kinds = set(map(type, values))
    if kinds == {int}:
        opening, closing = _tags(_ATTRIBUTES[int], pad)[name]
        return opening, map(str, values), closing
    if kinds == {str}:
        opening, closing = _tags("", pad)[name]
        return opening, values if _is_plain("".join(set(values))) else map(_escaped, values), closing
    if kinds == {str, NoneType}:  # ways of paying, units: few different ones
        made = {value: _element(name, value, pad) for value in set(values)}
        return "", [made[value] for value in values], ""
    return "", [_element(name, value, pad) for value in values], ""


def _flag(name: str, values: Sequence[bool], pad: str) -> tuple[str, Iterable[str], str]:
    return "", [_element(name, True, pad) if value else "" for value in values], ""


def _element(name: str, value: Any, pad: str) -> str:
    if isinstance(value, dict):
        return _record(name, value, pad)
    if isinstance(value, str):
        value = _escaped(value)
    attributes = _ATTRIBUTES.get(type(value))
    if attributes is None:
        raise TypeError(f"{name} is a {type(value).__name__}")
    opening, closing = _tags(attributes, pad)[name]
    if isinstance(value, list):
        if not value:
            return f"{opening[:-1]}/>\n"
        singular = name.removesuffix("s")
        children = "".join([_element(singular, each, pad + _INDENT) for each in value])
        return f"{opening}\n{children}{pad}{closing}"
    if isinstance(value, bool):
        return f"{opening}{str(value).lower()}{closing}"
    return f"{opening}{'' if value is None else value}{closing}"


def _is_plain(text: str) -> bool:
    return text.isascii() and not ("&" in text or "<" in text or ">" in text or "\r" in text)


def _escaped(text: str) -> str:
    """The text in UTF-8, a character for each byte. Rails left quotes bare; a CR would reach the reader as LF."""
    if _is_plain(text):
        return text
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    return escaped.encode().decode("latin-1")


def _document(text: str) -> bytes:
    """A document of such texts. One of a thousand records is encoded as fast as it is copied; in UTF-8 it would take
    longer than all the rest if there were but one umlaut."""
    return (_DECLARATION + text).encode("latin-1")
