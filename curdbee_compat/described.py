"""What a view takes and answers, told beside it where it is no action of a resource; read by the OpenAPI document."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from curdbee_compat.wire.records import Records

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Described:
    """`answer` is the schema of what is answered, a list of such if `many`; None: nothing. `takes` is the schema of
    the body. Either may be a JSON Schema instead. `resource`: whose list it is, if it can be paged.

    `revalidated`: with an ETag, so 304 is possible. `names_missing`: a 404 may say what was not found.
    `xml`: what writes a list of plural, root and records, where it is no usual one."""

    answer: Any = None
    takes: Any = None
    many: bool = False
    resource: Any = None
    revalidated: bool = False
    names_missing: bool = False
    xml: Callable[[str, str, Records], bytes] | None = None


def described(**told: Any) -> Callable[[View], View]:
    """Give a view its `Described`. The status of success stands at the beginning of its docstring."""

    def mark(view: View) -> View:
        view.described = Described(**told)  # type: ignore[attr-defined]
        return view

    return mark
