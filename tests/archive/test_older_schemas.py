"""Backups made before an upgrade: by the new release of the old database, and restored into a new one."""

from collections.abc import Callable
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from backups import Place, header
from factories import kept_hash
from tables import by_row

from curdbee_compat import migrating, schema_state
from curdbee_compat.models.base import now
from curdbee_compat.models.user import US_DOLLAR, folded, token_digest

OLDER = sorted(script.revision for script in ScriptDirectory(str(schema_state.MIGRATIONS)).walk_revisions())[:-1]


@pytest.fixture(params=OLDER)
def old(request: pytest.FixtureRequest, empty: Callable[[str], Place], backend: str) -> Place:
    """A database of an older schema with a user `ann`, who has a client."""
    place = empty(backend)
    with place.app.app_context():
        migrating.init_app(place.app)
        flask_migrate.upgrade(revision=request.param)
    with place.engine.begin() as connection:
        metadata = sa.MetaData()
        metadata.reflect(connection, only=["users", "clients"])
        users, clients = metadata.tables["users"], metadata.tables["clients"]
        stamps = {"created_at": now(), "updated_at": now(), "currency_id": US_DOLLAR}
        names = {"name": "Ann", "login": folded("Ann"), "token_digest": token_digest("token of Ann")}
        flags = {"admin": False, "disabled": False, "version": 0, "password_hash": kept_hash("ann")}
        connection.execute(users.insert().values(id=7, **names, **flags, **stamps))
        connection.execute(clients.insert().values(id=9, user_id=7, name="Acme", **stamps))
    return place


@by_row("upgraded", {"into nothing": False, "into an empty database": True})
def test_an_old_backup_becomes_a_new_database(
    old: Place, target: Place, backend: str, tmp_path: Path, upgraded: bool
) -> None:
    name = "books.db" if upgraded and backend == "sqlite" else "books.jsonl"
    if upgraded:
        target.run("db", "upgrade")
    old.run("backup", str(tmp_path / name))
    said = target.run("restore", str(tmp_path / name)).stdout
    assert f"schema {old.scalar('SELECT version_num FROM alembic_version')}." in said
    assert [client["client"]["name"] for client in target.http("ann").get("/clients")] == ["Acme"]
    target.run("backup", str(tmp_path / "new.jsonl"))
    assert header(tmp_path / "new.jsonl")["schema"] == schema_state.newest()
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if backend == "postgres":
        triggers = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
    with target.engine.connect() as connection:
        present = set(connection.scalars(sa.text(triggers)))
    assert {"version_clients_insert", "version_items_update", "version_payments_delete"} <= present
