"""One test for every resource, in every format, through every action."""

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from typing import Any

import pytest
from inprocess import Http
from kinds import KINDS, Kind, body_of, make, make_parents, records
from tables import by_row
from werkzeug.test import TestResponse

# Without a suffix and an Accept, the type of the body decides, and without a body JSON it is.
SUFFIXES = {"json": ".json", "xml": ".xml", "none": ""}


@dataclass(frozen=True)
class Action:
    """How an action is asked for and answered. Texts name attributes of a kind; `left` counts the records of one."""

    method: str
    status: int
    left: int
    on_one: bool = False
    sends: str | None = None
    shows: str | None = None
    refuses: tuple[str | None, str] | None = None  # what is sent, and why it is refused


ACTIONS = {
    "index": Action("GET", 200, 1, shows="shown"),
    "show": Action("GET", 200, 1, on_one=True, shows="shown"),
    "create": Action("POST", 201, 2, sends="created", shows="shown", refuses=(None, "missing")),
    "update": Action("PUT", 200, 1, on_one=True, sends="changed", shows="after", refuses=("refused", "pairs")),
    "destroy": Action("DELETE", 200, 0, on_one=True),
}


@dataclass
class Asked:
    """An action of a kind in a format, with a record numbered `number` there."""

    kind: Kind
    action: Action
    format: str
    number: int

    def of(self, user: Http, sent: dict[str, Any] | None) -> TestResponse:
        """What a user gets, whatever it is: in the format, at its full length."""
        path = (f"{self.kind.path}/{self.number}" if self.action.on_one else self.kind.path) + SUFFIXES[self.format]
        body = {} if sent is None else body_of(self.kind.root, sent, self.format)
        response = user.raw(self.action.method, path, **body)
        mimetype = "application/xml" if self.format == "xml" else "application/json"
        assert response.headers["Content-Type"] == f"{mimetype}; charset=utf-8"
        assert response.headers["Content-Length"] == str(len(response.data))
        return response

    def sent(self, name: str | None) -> dict[str, Any] | None:
        return getattr(self.kind, name) if name else None


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("format", SUFFIXES)
@by_row("kind", KINDS)
def test_every_action_of_every_resource(http: Http, stranger: Http, kind: Kind, format: str, name: str) -> None:
    make_parents(http)
    others = len(http.get(kind.path))
    action = ACTIONS[name]
    asked = Asked(kind, action, format, make(http, kind)["id"])
    before = http.get(kind.path)

    # Another user finds nothing, and changes nothing.
    status = kind.to_strangers.get(name, 404)
    if status:
        theirs = asked.of(stranger, asked.sent(action.sends))
        assert theirs.status_code == status, theirs.data
        assert status != 200 or records(theirs.data, kind, format) == []

    # What cannot be is refused with its reasons, and changes nothing.
    if action.refuses:
        sent, reasons = action.refuses
        refused = asked.of(http, asked.sent(sent) or {})
        assert (refused.status_code, told(refused, format)) == (422, as_told(getattr(kind, reasons), format))
    assert http.get(kind.path) == before

    # What can be is done, and shown.
    done = asked.of(http, asked.sent(action.sends))
    assert done.status_code == action.status, done.data
    shown = records(done.data, kind, format)[others if name == "index" else 0 :]
    assert len(shown) == (1 if action.shows else 0)
    assert [record | getattr(kind, action.shows) for record in shown] == shown
    assert len(http.get(kind.path)) == others + action.left

    # Whatever was written has its own place, never nested; whatever was deleted has none.
    assert ("Location" in done.headers) == bool(action.sends)
    if action.sends:
        place = f"/{kind.plural}/{shown[0]['id']}"
        assert done.headers["Location"] == f"http://localhost{place}"
        for path in (place, f"{kind.path}/{shown[0]['id']}"):
            assert http.raw("GET", path + SUFFIXES[format]).data == done.data
    if name == "destroy":
        assert asked.of(http, None).status_code == 404


def as_told(pairs: list[list[str]], format: str) -> list[Any]:
    """Reasons as that format tells them: pairs, or in XML Rails' whole sentences, an _id left out."""
    if format != "xml":
        return pairs
    names = (name.removesuffix("_id").replace("_", " ").capitalize() for name, _ in pairs)
    return [f"{name} {message}" for name, (_, message) in zip(names, pairs, strict=True)]


def told(response: TestResponse, format: str) -> list[Any]:
    """The reasons of a refusal."""
    if format != "xml":
        return json.loads(response.data)
    top = ElementTree.fromstring(response.data)
    assert (top.tag, top.attrib, {error.tag for error in top}) == ("errors", {}, {"error"})
    return [error.text for error in top]
