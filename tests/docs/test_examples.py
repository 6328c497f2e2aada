"""Every example in docs/api is run, page by page against the demo data, and answers as the page says."""

from pathlib import Path

import pytest
from databases import Database
from examples import Reader, elided, examples
from flask import Flask

from curdbee_compat import demo, tenancy
from curdbee_compat.extensions import db

PAGES = sorted((Path(__file__).resolve().parents[2] / "docs" / "api").glob("*.md"))


@pytest.fixture
def reader(app: Flask, database: Database) -> Reader:
    """Somebody with the demo data before him, none of it changed."""
    with tenancy.command(app):
        demo.fill()
        db.session.commit()
    return Reader(app)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_answer_as_the_page_says(page: Path, reader: Reader) -> None:
    found = examples(page.read_text())
    assert found
    for example in found:
        assert elided(reader.answer(example), example.answer) == example.answer, example.command
