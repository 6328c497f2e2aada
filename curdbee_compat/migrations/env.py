"""Alembic's entry: run the migrations on the application's own database."""

from alembic import context
from flask import current_app
from sqlalchemy import text

from curdbee_compat import tenancy
from curdbee_compat.extensions import db


def migrate() -> None:
    """Each revision in one transaction, which sees everybody's rows."""
    tenancy.work_for(tenancy.COMMAND)
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # A table that batch mode makes anew is dropped first, which would take its children along.
            connection.execute(text("PRAGMA foreign_keys=OFF"))
            connection.commit()
            connection.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
    db.engine.dispose()  # no pooled connection keeps the pragma


migrate()
