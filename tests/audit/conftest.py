"""Fixtures of the audit trail: commands on the app's database, and what the trail tells."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import Commands
from databases import Database


@pytest.fixture
def run(database: Database, instance: Path) -> Commands:
    """Commands on the app's database."""
    return Commands(database.url, instance)


@pytest.fixture
def told(run: Commands) -> Callable[..., list[dict[str, Any]]]:
    """What `curdbee-compat audit` shows."""
    return lambda *words: json.loads(run("audit", "--format", "json", *words).stdout)
