"""Which role of Postgres the server and its migrations work as, and that it is told where it is the wrong one."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from backends import Backend
from commands import Commands
from databases import Database
from factories import make_client, make_user
from inprocess import Http
from postgres import PASSWORD, ROLE, Postgres

from curdbee_compat import create_app, migrating, pages
from curdbee_compat.extensions import db

pytestmark = pytest.mark.parametrize("backend", ["postgres"], indirect=True)
UNBOUND = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
WORDS = "row-level security does not bind the database role"


def test_the_suite_works_as_a_role_that_is_bound(database: Database, http: Http) -> None:
    with database.engine.connect() as connection:
        assert connection.scalar(sa.text(UNBOUND)) is False
    assert http.raw("GET", "/readyz", auth=None).text == "ready\n"


@pytest.fixture
def superuser(postgres_server: Postgres) -> sa.URL:
    """A database, as the role that made it."""
    return as_maker(postgres_server, "roles")


@pytest.fixture
def bypassing(postgres_server: Postgres) -> Iterator[sa.URL]:
    """A database, as its owner with BYPASSRLS, who is no superuser. Only a superuser makes one."""
    url, name = as_maker(postgres_server, "bypassing"), f"{ROLE}_{os.getpid()}"
    with sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool).connect() as connection:
        if not connection.scalar(sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
            yield url
            return
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN NOSUPERUSER BYPASSRLS PASSWORD '{PASSWORD}'")
        connection.exec_driver_sql(f'ALTER DATABASE "{url.database}" OWNER TO {name}')
        yield url.set(username=name, password=PASSWORD)
        connection.exec_driver_sql(f"REASSIGN OWNED BY {name} TO {ROLE}")
        connection.exec_driver_sql(f"DROP ROLE {name}")


def as_maker(server: Postgres, name: str) -> sa.URL:
    """A new database, as the role that made it and does not own it."""
    return sa.make_url(server.database(name)).set(username=server.url.username, password=server.url.password)


@pytest.mark.parametrize("role", ["superuser", "bypassing"])
def test_a_role_that_is_not_bound_is_warned_of(
    request: pytest.FixtureRequest, tmp_path: Path, caplog: pytest.LogCaptureFixture, backend: str, role: str
) -> None:
    """On a lent server, whose role need not be a superuser, it is the contrary that is tested."""
    url = request.getfixturevalue(role)
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
