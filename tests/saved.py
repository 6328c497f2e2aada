"""Answers of this server, saved into files as people save them; and a database without the records, to import into."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from backends import Backend
from commands import Commands
from factories import make_user
from inprocess import Http
from kinds import KINDS

FORMATS = ("json", "xml")
Run = Callable[..., list[str]]  # the command, as the fixture `run` gives it
PER_PAGE = 500


def lists(http: Http) -> Iterator[str]:
    """The path of every list of a user's records."""
    yield from (kind.path for kind in KINDS.values() if kind.root != "payment")
    for shown in http.get("/invoices", query={"per_page": PER_PAGE}):
        yield f"/invoices/{shown['invoice']['id']}/payments"


def answers(http: Http, formats: Iterable[str] = FORMATS) -> dict[str, bytes]:
    """Every list and every record of a user's: name of the file and what is in it."""
    found = {}
    for path in lists(http):
        ids = [next(iter(each.values()))["id"] for each in http.get(path, query={"per_page": PER_PAGE})]
        for name in (path, *(f"{path}/{id}" for id in ids)):
            for format in formats:
                query = {"per_page": PER_PAGE} if name == path else {}
                found[f"{name[1:]}.{format}"] = http.raw("GET", f"{name}.{format}", query=query).get_data()
    return found


def save(folder: Path, files: dict[str, bytes | str]) -> Path:
    """Write them below a folder, which is returned."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def forget(running: Backend, user: int) -> None:
    """As the migrations left it, and the user, with the same id."""
    running.let_go()
    running.database.reset()
    assert make_user(running.database, "demo") == user


def importing(running: Backend, instance: Path, *words: object, status: int = 0) -> list[str]:
    """Run the command; the lines of its report."""
    return Commands(running.database.url, instance)("import", *map(str, words), status=status).stdout.splitlines()
