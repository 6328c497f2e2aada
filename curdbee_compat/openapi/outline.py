"""The OpenAPI document arranged for reading: by heading, with everything that a page shows of an operation."""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus

from curdbee_compat.openapi.refusals import SCHEMAS
from curdbee_compat.openapi.samples import Json

METHODS = ("get", "post", "put", "patch", "delete")
JSON = "application/json"
FORM = re.compile("^New|Change$")  # what the names of sent records have around that of the record
REFERENCE = re.compile(r"#/components/schemas/(\w+)")
FORMATS = {"date": "date", "date-time": "time"}
FEW = 5  # choices that are worth listing


class Outline:
    """What the page is made of: operations in groups, records with their attributes, refusals."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._schemas: dict[str, Json] = document["components"]["schemas"]
        named = dict.fromkeys(FORM.sub("", name) for name in self._schemas if name not in SCHEMAS)
        self.records = [self._record(name) for name in sorted(named)]
        self.refusals = list(self._refusals())
        self.groups = [self._group(tag["name"]) for tag in document["tags"]]

    def _group(self, tag: str) -> Json:
        found = [
            self._operation(method, path, operations[method])
            for path, operations in self._document["paths"].items()
            for method in METHODS
            if method in operations and tag in operations[method]["tags"]
        ]
        return {"name": tag, "anchor": re.sub(r"\W+", "-", tag.lower()), "operations": found}

    def _operation(self, method: str, path: str, operation: Json) -> Json:
        sent = operation.get("requestBody", {}).get("content", {})
        success = next(status for status in operation["responses"] if status.startswith("2"))
        answer = operation["responses"][success]
        refused = [int(status) for status in operation["responses"] if status != success]
        return {
            **{name: operation[name] for name in ("operationId", "summary", "description")},
            "method": method.upper(),
            "path": path,
            "parameters": [_parameter(each) for each in operation["parameters"]],
            "sent": examples(sent),
            "success": f"{success} {HTTPStatus(int(success)).phrase}",
            "headers": list(answer.get("headers", {})),
            "answered": examples(answer.get("content", {})),
            "refused": [(status, HTTPStatus(status).phrase) for status in refused],
            "records": self._named(sent, answer),
            "command": command(method.upper(), path, sent),
        }

    def _named(self, *parts: Json) -> list[str]:
        """The records that these parts of the document refer to."""
        return sorted({FORM.sub("", name) for name in REFERENCE.findall(json.dumps(parts))})

    def _record(self, name: str) -> Json:
        """One table: each attribute as it is answered and as it is sent, and whether a new record must have it."""
        forms = [self._schemas.get(form, {}) for form in (name, f"New{name}", f"{name}Change")]
        shown, new, change = (form.get("properties", {}) for form in forms)
        sent, required = new | change, forms[1].get("required", ())
        text = next(form["description"] for form in forms if form)
        rows = [
            {
                "name": each,
                "shown": kind(shown[each]) if each in shown else "",
                "sent": kind(sent[each]) if each in sent else "",
                "required": each in required,
                "description": (sent.get(each) or shown[each]).get("description", ""),
            }
            for each in dict.fromkeys([*shown, *sent])
        ]
        return {"name": name, "text": text, "rows": rows}

    def _refusals(self) -> Iterator[Json]:
        for name, response in self._document["components"]["responses"].items():
            words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
            yield {"name": words, "text": response["description"], "examples": examples(response.get("content", {}))}


def _parameter(each: Json) -> Json:
    described = {"name": each["name"], "in": each["in"], "kind": kind(each["schema"])}
    return described | {"description": each.get("description", "")}


def kind(schema: Json) -> str:
    """A schema's type in a few words."""
    if "$ref" in schema:
        return FORM.sub("", schema["$ref"].rpartition("/")[2])
    if 0 < len(schema.get("enum", ())) <= FEW:
        return " or ".join(map(str, schema["enum"]))
    types = schema.get("type", "string")
    words = [types] if isinstance(types, str) else list(types)
    if "array" in words and "items" in schema:
        words[words.index("array")] = f"array of {kind(schema['items'])}"
    if schema.get("format") in FORMATS:
        words[words.index("string")] = FORMATS[schema["format"]]
    return " or ".join(words)


def examples(content: Json) -> list[tuple[str, str]]:
    """The name of each format that has an example, and the example as text."""
    found = [
        (media.rpartition("/")[2].upper(), each["example"]) for media, each in content.items() if "example" in each
    ]
    return [
        (name, example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False))
        for name, example in found
    ]


def command(method: str, path: str, content: Json) -> str:
    """The request by curl, to copy and fill in."""
    options = "" if method == "GET" else f" -X {method}"
    if JSON in content:
        body = json.dumps(content[JSON]["example"], ensure_ascii=False).replace("'", r"'\''")
        options += f" -H 'Content-Type: application/json' -d '{body}'"
    return f"curl -u NAME:PASSWORD{options} 'ROOT{path}.json'"
