"""What the document needs to know of a route, read off its rule and its view."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from curdbee_compat.admin.resource import AdminResource
from curdbee_compat.described import Described
from curdbee_compat.resource import Resource

NAMESPACES = ("api", "admin")
VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
STATUS = re.compile(r"\b([2-5]\d\d)\b")
UNTOLD = ("HEAD", "OPTIONS")
VERBS = {"index": "List", "destroy": "Delete", "action": "Batch action on"}


@dataclass(frozen=True)
class Operation:
    """One method of one route. `plurals` are the plural names of all resources."""

    rule: Rule
    method: str
    view: Callable[..., Any]
    plurals: frozenset[str]

    @property
    def admin(self) -> bool:
        """Whether it belongs to the admin API."""
        return self.rule.endpoint.startswith("admin.")

    @property
    def path(self) -> str:
        """The path as OpenAPI writes it."""
        return VARIABLE.sub(r"{\1}", self.rule.rule)

    @property
    def variables(self) -> list[str]:
        """The variables in the path, in its order."""
        return VARIABLE.findall(self.rule.rule)

    @cached_property
    def told(self) -> Described:
        """What the view takes and answers."""
        return described(self.view)

    @property
    def text(self) -> str:
        """What the view says of itself."""
        call = self.view if inspect.isroutine(self.view) else type(self.view).__call__
        return " ".join((inspect.getdoc(call) or "").split())

    @property
    def id(self) -> str:
        """A name of its own. A view that answers PUT and PATCH has two."""
        patch = "_patch" if self.method == "PATCH" else ""
        return self.rule.endpoint.replace(".", "_") + patch

    @property
    def noun(self) -> str:
        """The plural of what it is about: the last in the path that is one, else that of what is taken."""
        known = [part for part in self.rule.rule.split("/") if part in self.plurals]
        return known[-1] if known else self.told.takes.plural

    @property
    def summary(self) -> str:
        """A few words: List payments, Close invoice."""
        action = self.rule.endpoint.rpartition(".")[2].rpartition("_")[2]
        verb = VERBS.get(action, action.capitalize())
        about = self.noun if self.told.many or action == "action" else self.noun.removesuffix("s")
        if "resource" in (self.rule.defaults or {}):
            about = self.rule.defaults["resource"].schema.root  # type: ignore[index]
        return f"{verb} {about.replace('_', ' ')}"

    @property
    def success(self) -> int:
        """The status of success, which begins the view's docstring."""
        return int(self.text[:3])

    @property
    def statuses(self) -> list[int]:
        """Every other status that it may answer: those of its kind, and those that its docstring names."""
        named = {int(status) for status in STATUS.findall(self.text)} - {self.success, 404}
        kinds = {
            304: self.told.revalidated,
            400: self.told.takes,
            403: self.admin or self.method != "GET",
            404: self.variables,
            405: self.method == "POST",
            409: self.method != "GET",
            413: self.method != "GET",
            422: self.told.takes,
        }
        always = {401, 406, 429, 503}
        return sorted(named | always | {status for status, applies in kinds.items() if applies})


def operations(app: Flask) -> list[Operation]:
    """Every operation of both APIs, the public one first, each by path."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.split(".")[0] in NAMESPACES]
    plurals = frozenset(filter(None, (plural(app.view_functions[rule.endpoint]) for rule in rules)))
    found = [
        Operation(rule, method, app.view_functions[rule.endpoint], plurals)
        for rule in rules
        for method in sorted(rule.methods or (), key=["GET", "POST", "PUT", "PATCH", "DELETE", *UNTOLD].index)
        if method not in UNTOLD
    ]
    return sorted(found, key=lambda each: (each.admin, each.path))


def plural(view: Any) -> str | None:
    """The name of the resource whose action it is, or that it lists."""
    told = described(view)
    return getattr(told.answer, "plural", None) if told.many else None


def described(view: Any) -> Described:
    """What was told beside the view, or follows from its being an action of a resource."""
    resource = getattr(view, "__self__", None)
    if not isinstance(resource, Resource):
        return view.described
    schema, action = resource.schema, view.__name__
    if action in ("index", "show"):
        versioned = not isinstance(resource, AdminResource) or resource.owner is not None
        return Described(answer=schema, many=action == "index", resource=resource, revalidated=versioned)
    return Described() if action == "destroy" else Described(answer=schema, takes=schema)
