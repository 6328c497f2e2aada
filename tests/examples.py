"""The examples in docs/api: each a curl command in a block of its own, and the answer in the block behind it."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import curl
from flask import Flask
from werkzeug.test import TestResponse

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WIDTH = 118  # of JSON
# What differs from run to run, as the pages show it.
TODAY, NOW = "2026-11-21", "2026-11-21T09:30:00Z"
KEY = "k3Q9x2LmT0aZbY7cWdE5fG"
STARTED = datetime.now(UTC).date()  # a run may pass midnight
ETAG = '"9b2f6c1e0d4a8b7395c2e1f60a7d3b84"'


@dataclass(frozen=True)
class Example:
    """A command, and the language and text of the block that shows its answer."""

    command: str
    language: str
    answer: str


def examples(page: str) -> list[Example]:
    """Every command of a page, in order. ValueError where no answer stands behind one."""
    blocks = BLOCK.findall(page)
    found = []
    for (language, text), (kind, answer) in zip(blocks, [*blocks[1:], ("sh", "")], strict=True):
        if language == "sh" and kind == "sh":
            raise ValueError(f"no answer to {text}")
        if language == "sh":
            found.append(Example(text.strip(), kind, answer))
    return found


class Reader:
    """Somebody who tries one page after the other command, with a real ETag where the page shows its own."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._etag = ETAG

    def answer(self, example: Example) -> str:
        """What the command shows, with everything that differs from run to run replaced."""
        command = curl.parse(example.command.replace(ETAG, self._etag))
        response = curl.run(self._app, command)
        self._etag = response.headers.get("ETag", self._etag)
        shown = body(response)
        if command.include:
            names = [line.partition(":")[0] for line in example.answer.split("\n\n")[0].splitlines()[1:]]
            shown = "\n".join([*head(response, names), "", shown]).rstrip("\n") + "\n"
        shown = shown.replace(self._etag, ETAG)
        for day in {STARTED, datetime.now(UTC).date()}:
            shown = re.sub(rf"{day}T\d\d:\d\d:\d\dZ", NOW, shown).replace(day.isoformat(), TODAY)
        return re.sub(r'("hash_key": "|<hash-key>|/inv/|/est/)[A-Za-z0-9]{22}\b', rf"\g<1>{KEY}", shown)


def elided(answer: str, shown: str) -> str:
    """The answer without what the page leaves out: a line of three dots stands for any lines, also for none."""
    lines = [r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line) for line in shown.splitlines(keepends=True)]
    return shown if re.fullmatch("".join(lines), answer) else answer


def head(response: TestResponse, names: list[str]) -> list[str]:
    """The status line and these headers."""
    return [f"HTTP/1.1 {response.status}", *(f"{name}: {response.headers.get(name)}" for name in names)]


def body(response: TestResponse) -> str:
    """The body; JSON with line breaks and blanks, which the server leaves out."""
    text = response.get_data(as_text=True).lstrip("\ufeff").replace("\r\n", "\n")
    if response.mimetype == "application/json" and text:
        return laid_out(json.loads(text)) + "\n"
    return text


def laid_out(value: Any, pad: str = "", before: str = "") -> str:
    """JSON with what fits on a line on one, and everything else a line for each member."""
    text = json.dumps(value, ensure_ascii=False)
    if len(pad + before + text) <= WIDTH or not isinstance(value, dict | list):
        return text
    inner = pad + "  "
    if isinstance(value, list):
        return "[\n" + ",\n".join(inner + laid_out(each, inner) for each in value) + f"\n{pad}]"
    named = ((f"{json.dumps(name)}: ", each) for name, each in value.items())
    members = [f"{inner}{name}{laid_out(each, inner, name)}" for name, each in named]
    return "{\n" + ",\n".join(members) + f"\n{pad}}}"
