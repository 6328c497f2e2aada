"""What this request is about, without Flask's proxies: a look through one costs a microsecond, and there were fifty."""

from collections.abc import Callable
from typing import Any

import flask

request: Callable[[], flask.Request] = flask.request._get_current_object  # type: ignore[attr-defined]
g: Callable[[], Any] = flask.g._get_current_object  # what is kept for as long as it takes to answer
