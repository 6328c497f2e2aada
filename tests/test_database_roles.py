"""Which role of Postgres the server and its migrations work as, and that it is told where it is the wrong one."""

import logging
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from backends import Backend
from commands import Commands
from databases import Database
from factories import make_client, make_user
from inprocess import Http
from postgres import Postgres

from curdbee_compat import create_app, migrating, pages
from curdbee_compat.extensions import db

pytestmark = pytest.mark.parametrize("backend", ["postgres"], indirect=True)
UNBOUND = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
WORDS = "row-level security does not bind the database role"


def test_the_suite_works_as_a_role_that_is_bound(database: Database, http: Http) -> None:
    with database.engine.connect() as connection:
        assert connection.scalar(sa.text(UNBOUND)) is False
    assert http.raw("GET", "/readyz", auth=None).text == "ready\n"


def test_a_superuser_is_warned_of(
    postgres_server: Postgres, tmp_path: Path, caplog: pytest.LogCaptureFixture, backend: str
) -> None:
    """On a lent server, whose role need not be one, it is the contrary that is tested."""
    maker = postgres_server.url
    url = sa.make_url(postgres_server.database("roles")).set(username=maker.username, password=maker.password)
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        unbound = connection.scalar(sa.text(UNBOUND))
    text = url.render_as_string(hide_password=False)
    told = Commands(text, tmp_path)("db", "upgrade").stderr
    app = create_app({"CURDBEE_DATABASE_URL": text, "CURDBEE_INSTANCE": str(tmp_path)})
    pages.log_once.cache_clear()
    with caplog.at_level(logging.WARNING):
        ready = [Http(app, None).raw("GET", "/readyz") for _ in range(2)]
    with app.app_context():
        db.engine.dispose()
    assert [answer.status_code for answer in ready] == [200, 200]
    assert [answer.text.startswith("ready\n") for answer in ready] == [True, True]
    assert [WORDS in answer.text for answer in ready] == [unbound, unbound]
    assert (told.startswith("Warning: "), WORDS in told) == (unbound, unbound)
    assert sum(WORDS in record.getMessage() for record in caplog.records) == unbound


def test_a_migration_sees_everybodys_rows(running: Backend, instance: Path) -> None:
    database = running.database.sibling("migrated")
    for name in ("ann", "bob"):
        make_client(database, make_user(database, name))
    seen: list[int] = []
    other = create_app({"CURDBEE_DATABASE_URL": database.url, "CURDBEE_INSTANCE": str(instance)})
    migrating.init_app(other)
    arguments = other.extensions["migrate"].configure_args

    def told(ctx: object, **_rest: object) -> None:
        seen.append(ctx.connection.scalar(sa.text("SELECT count(*) FROM clients")))

    with other.app_context():
        arguments["on_version_apply"] = told
        flask_migrate.downgrade(revision="-1")
        flask_migrate.upgrade()
        db.engine.dispose()
    database.engine.dispose()
    assert seen == [2, 2]
