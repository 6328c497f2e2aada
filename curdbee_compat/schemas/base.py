"""The schema all resources share: Rails' wording, leniency towards old clients, and a dump straight from rows."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, ClassVar

import marshmallow
from marshmallow import EXCLUDE, ValidationError
from marshmallow.fields import Field

from curdbee_compat.schemas.fields import Wire
from curdbee_compat.schemas.lines import Lines

BLANK = "can't be blank"


class Schema(marshmallow.Schema):
    """`root` and `plural` are the element names. Unknown attributes are ignored: old clients echo whole records."""

    root: ClassVar[str]
    plural: ClassVar[str]
    # Attributes whose messages come first, where the order of the original's validations is not that of its output.
    checked_first: ClassVar[tuple[str, ...]] = ()

    class Meta:
        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: Field) -> None:
        """Rails' messages. Both spellings of nothing, absent and null, are blank."""
        field_obj.error_messages |= {"required": BLANK, "null": BLANK}

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any) -> None:
        """Put the messages into the order of the original's validations."""
        messages = error.normalized_messages()
        first = [name for name in self.checked_first if name in messages]
        raise ValidationError({name: messages[name] for name in [*first, *(n for n in messages if n not in first)]})

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The model's attributes that a dumped record is made of, each once."""
        named = (name for field in self.plain_fields.values() for name in field.columns)
        return tuple(dict.fromkeys(named))

    @cached_property
    def plain_fields(self) -> dict[str, Wire]:
        """The dumped fields that are made of columns, which is all but line items."""
        return {name: field for name, field in self.dump_fields.items() if isinstance(field, Wire)}

    @cached_property
    def lines(self) -> Lines | None:
        """The field that holds a statement's line items, if there is one."""
        return next((field for field in self.dump_fields.values() if isinstance(field, Lines)), None)

    def dump_row(self, row: Sequence[Any]) -> dict[str, Any]:
        """A record from the values of `columns`, with the dumped line items behind them where there are any.

        The same as `dump` of an entity, without the 20 us a row that its general machinery costs."""
        return {key: write(row) for key, write in self._writers}

    def dump_rows(self, rows: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
        """One record for each row."""
        writers = self._writers
        return [{key: write(row) for key, write in writers} for row in rows]

    @cached_property
    def _writers(self) -> list[tuple[str, Callable[[Sequence[Any]], Any]]]:
        places = {name: place for place, name in enumerate(self.columns)}
        writers: list[tuple[str, Callable[[Sequence[Any]], Any]]] = []
        for name, field in self.dump_fields.items():
            if isinstance(field, Lines):
                writers.append((name, itemgetter(len(places))))
            elif isinstance(field, Wire):
                writers.append((name, field.from_row(places)))
        return writers
