"""As much of curl as the documentation's commands use, against an app in the same process."""

import shlex
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import Flask
from inprocess import Http
from werkzeug.test import TestResponse

FLAGS = {"-s": "silent", "-i": "include", "-G": "get"}
VALUES = {"-u", "-H", "-X", "-d", "--data-binary"}


@dataclass
class Command:
    """A parsed command line. `include`: the answer is shown with status and headers; `get`: -d goes to the query."""

    url: str = ""
    user: tuple[str, str] | None = None
    method: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    include: bool = False
    get: bool = False
    silent: bool = False


def parse(line: str) -> Command:
    """A command line as a shell would hand it to curl. ValueError for an option that is not known here."""
    words = iter(shlex.split(line.replace("\\\n", " ")))
    if next(words) != "curl":
        raise ValueError(f"no curl command: {line}")
    command = Command()
    for word in words:
        if word in FLAGS:
            setattr(command, FLAGS[word], True)
        elif word in VALUES:
            _take(command, word, next(words))
        elif word.startswith("-") or command.url:
            raise ValueError(f"{word} in {line}")
        else:
            command.url = word
    return command


def _take(command: Command, option: str, value: str) -> None:
    if option == "-u":
        name, _, password = value.partition(":")
        command.user = (name, password)
    elif option == "-H":
        name, _, content = value.partition(":")
        command.headers[name] = content.strip()
    elif option == "-X":
        command.method = value
    else:
        command.data.append(value)


def run(app: Flask, command: Command) -> TestResponse:
    """Send it, with the headers that curl adds by itself."""
    parts = urlsplit(command.url)
    sent = "&".join(command.data)
    query, body = parts.query, sent
    if command.get:
        query, body = "&".join(filter(None, [query, sent])), ""
    headers = {"Accept": "*/*", "User-Agent": "curl/7.88.1"} | command.headers
    kind = headers.pop("Content-Type", "application/x-www-form-urlencoded" if body else None)
    method = command.method or ("POST" if body else "GET")
    path = parts.path + (f"?{query}" if query else "")
    return Http(app, command.user).raw(
        method, path, body=body.encode(), content_type=kind, headers=headers, host=parts.netloc
    )
