"""Requests that schemathesis makes of the OpenAPI document; each answer must be one that the document tells of."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import schemathesis
from described import DOCUMENT
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fuzz.exchange import InProcess, Served
from fuzz.ground import Ground

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MISSING = 999_999_999  # an id that no record has


def operations(ground: Ground) -> Iterator[APIOperation]:
    """Every operation of the document, to be sent to the ground's peer."""
    document = from_dict(DOCUMENT)
    if isinstance(ground.peer, InProcess):
        document.app = ground.peer.app
    for found in document.get_all_operations():
        yield found.ok()


def trial(operation: APIOperation, ground: Ground) -> Callable[[], None]:
    """A run of hypothesis: requests that fit the document, and ones that do not."""

    @given(cases(operation, ground))
    def run(case: Case) -> None:
        ask(case, ground)

    return run


def cases(operation: APIOperation, ground: Ground) -> st.SearchStrategy[Case]:
    """Half of them with the id of a record that is there."""
    ids = ground.values(operation.path)
    chosen = [ids, ids, dict.fromkeys(ids, MISSING), None] if ids else [None]
    return st.one_of(
        operation.as_strategy(generation_mode=mode, path_parameters=values)
        for values in chosen
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    )


def ask(case: Case, ground: Ground) -> None:
    """Send one request and check the answer. schemathesis' Failure says what is wrong, and how to repeat it by curl."""
    headers: dict[str, Any] = {"Authorization": ground.authorization}
    address = {"base_url": ground.peer.server.url} if isinstance(ground.peer, Served) else {}
    before, began = ground.version(), time.monotonic()
    response = case.call(headers=headers, **address)
    ground.tally.count(response.status_code, began)
    try:
        case.validate_response(response, checks=CHECKS)
    except schemathesis.checks.FailureGroup:
        ground.tally.mismatches += 1
        raise
    assert response.status_code < 300 or ground.version() == before, case.as_curl_command()
