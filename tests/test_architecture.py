"""Rules about the code itself: sizes, guarded routes, imports at the top, settings and functions that are explained.

Who may import whom is import-linter's, in setup.cfg."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from inprocess import Http

import curdbee_compat
from curdbee_compat import auth
from curdbee_compat.config import SETTINGS

TOP = Path(__file__).resolve().parent.parent
FOLDERS = ("curdbee_compat", "tests", "tools", "templates", "bench")
DATA = {".csv", ".pyc", ".pdf", ".png", ".ttf", ".woff2"}
WALL = 300
# Imports within functions, as "module: imported"; the reason stands beside each.
ALLOWED_INSIDE = {
    "curdbee_compat/extensions.py: curdbee_compat.postgres",
    "curdbee_compat/pages.py: curdbee_compat.pdf",
    "curdbee_compat/cli/__init__.py: curdbee_compat",
    "curdbee_compat/cli/archive.py: curdbee_compat.archive",
    "curdbee_compat/cli/certs.py: curdbee_compat.certs",
    "curdbee_compat/docs.py: curdbee_compat.openapi.document",
    "curdbee_compat/docs.py: curdbee_compat.openapi.outline",
    "curdbee_compat/throttle/__init__.py: curdbee_compat.throttle.in_redis",
}
OPEN = {"inv", "est", "healthz", "readyz", "docs", "openapi.json", "static", "favicon.ico", "robots.txt"}


def files(*folders: str, suffix: str = "") -> list[Path]:
    """The project's own files there, but for data."""
    found = [path for folder in folders for path in sorted((TOP / folder).rglob(f"*{suffix}"))]
    made = TOP / "bench" / "data"
    return [path for path in found if path.is_file() and path.suffix not in DATA and made not in path.parents]


def modules() -> Iterator[ModuleType]:
    """Every module of the package. Migrations are scripts, which Alembic runs."""
    yield curdbee_compat
    for info in pkgutil.walk_packages(curdbee_compat.__path__, "curdbee_compat."):
        yield importlib.import_module(info.name)


def test_no_file_is_longer_than_the_wall() -> None:
    sizes = {path.relative_to(TOP): len(path.read_text().splitlines()) for path in files(*FOLDERS)}
    assert len(sizes) > 50
    assert {str(path): size for path, size in sizes.items() if size > WALL} == {}


def test_only_the_ruled_paths_are_open() -> None:
    assert auth.OPEN == OPEN
    assert [path for path in ("", "/", "/healthz", "/static/x", "/inv/key") if not auth.is_open(path)] == []
    closed = ("//", "/invoices", "//healthz", "/inv.json", "/invitation", "/HEALTHZ", "/clients/healthz", "/./healthz")
    assert [path for path in closed if auth.is_open(path)] == []


def guarded(app: Flask) -> list[tuple[str, str]]:
    """Method and path of every route that needs a login."""
    rules = [(rule, str(rule.build(dict.fromkeys(rule.arguments, 1))[1])) for rule in app.url_map.iter_rules()]
    return [(method, path) for rule, path in rules if not auth.is_open(path) for method in sorted(rule.methods)]


def test_every_route_asks_who_is_there(app: Flask, http: Http) -> None:
    routes = guarded(app)
    assert {"/clients/1", "/invoices/1/payments", "/admin/invoices/1/invoice_payments/batch_action"} <= {
        path for _, path in routes
    }
    for method, path in routes:
        for target in (path, f"{path}.xml", f"{path}/nothing/1"):
            response = http.raw(method, target, auth=None)
            assert (response.status_code, "WWW-Authenticate" in response.headers) == (401, True), (method, target)


def test_every_admin_route_is_for_admins(app: Flask, http: Http) -> None:
    routes = [(method, path) for method, path in guarded(app) if path.startswith("/admin")]
    assert len(routes) > 10
    for method, path in routes:
        for target in (path, f"{path}.json", "/admin/nothing"):
            assert http.raw(method, target).status_code == 403, (method, target)


def test_imports_stand_at_the_top_and_are_absolute() -> None:
    inside, relative = set(), []
    for path in files("curdbee_compat", suffix=".py"):
        tree = ast.parse(path.read_text())
        relative += [f"{path}: {node.lineno}" for node in ast.walk(tree) if getattr(node, "level", 0)]
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                inside |= {f"{path.relative_to(TOP)}: {name}" for name in imported(function)}
    assert inside == ALLOWED_INSIDE
    assert relative == []


def imported(tree: ast.AST) -> Iterator[str]:
    """The names of modules imported anywhere below."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield str(node.module)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_explained_to_operators(setting: Any) -> None:
    pages = [TOP / "README.md", TOP / "docs" / "operating.md"]
    text = "\n".join(page.read_text() for page in pages if page.is_file())
    assert re.search(rf"\b{setting.name}\b", text)
    assert setting.meaning


def test_no_setting_is_explained_that_is_not_there() -> None:
    known = {setting.name for setting in SETTINGS} | {"CURDBEE_TEST_POSTGRES_URL"}
    pages = [TOP / "README.md", *(TOP / "docs").rglob("*.md")]
    named = {name for page in pages if page.is_file() for name in re.findall(r"\bCURDBEE_[A-Z_]+\b", page.read_text())}
    assert named - known == set()


def test_whatever_is_public_says_what_it_is_for() -> None:
    """Properties and special methods need no docstring, nor does a method that its base class explains."""
    silent = []
    for module in modules():
        silent += [module.__name__] if not module.__doc__ else []
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(value) or inspect.isclass(value):
                silent += [f"{module.__name__}.{name}"] if not value.__doc__ else []
            if inspect.isclass(value):
                silent += [f"{module.__name__}.{name}.{method}" for method in unexplained(value)]
    assert silent == []


def unexplained(cls: type) -> Iterator[str]:
    """The names of a class's own public methods without a docstring of their own or of a base's."""
    for name, value in vars(cls).items():
        function = getattr(value, "__func__", value)
        named = inspect.isfunction(function) and function.__name__ != "<lambda>"
        if not name.startswith("_") and named and not inspect.getdoc(getattr(cls, name)):
            yield name


def test_migrations_say_what_they_are_for() -> None:
    scripts = files("curdbee_compat/migrations", suffix=".py")
    assert scripts
    assert [path.name for path in scripts if not ast.get_docstring(ast.parse(path.read_text()))] == []
