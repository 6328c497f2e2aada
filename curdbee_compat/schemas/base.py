"""The schema all resources share: Rails' wording, leniency towards old clients, and a dump straight from rows."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, ClassVar, cast

import marshmallow
from marshmallow import EXCLUDE, ValidationError
from marshmallow.fields import Field

from curdbee_compat.schemas.fields import Wire, as_stored
from curdbee_compat.schemas.lines import Lines
from curdbee_compat.wire.records import Records

BLANK = "can't be blank"


class Schema(marshmallow.Schema):
    """`root` and `plural` are the element names. Unknown attributes are ignored: old clients echo whole records."""

    root: ClassVar[str]
    plural: ClassVar[str]
    # Attributes whose messages come first, where the order of the original's validations is not that of its output.
    checked_first: ClassVar[tuple[str, ...]] = ()
    # Attributes that are shown only where they are true: the original had none of them.
    flags: ClassVar[frozenset[str]] = frozenset()

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

    @property
    def line_schema(self) -> "Schema":
        """The schema of a line item; only for those that have some."""
        return cast(Lines, self.lines).schema

    def dump_row(self, row: Sequence[Any]) -> dict[str, Any]:
        """A record from the values of `columns`, with the dumped line items behind them where there are any."""
        return next(iter(self.dump_rows([row])))

    def dump_rows(self, rows: Sequence[Sequence[Any]]) -> Records:
        """A list of such records, the same as `dump` of entities without the 20 us a row that its general machinery
        costs: a column at a time, so that Python's own loops run over the rows."""
        columns = list(zip(*rows, strict=True)) or [()] * (len(self.columns) + 1)
        made = [written(plain, [columns[place] for place in places]) for plain, places in self._writers]
        return Records(self._names, made, self.flags)

    @cached_property
    def _names(self) -> list[str]:
        return list(self.dump_fields)

    @cached_property
    def _writers(self) -> list[tuple[Callable[..., Any], list[int]]]:
        """For each field, what makes its values of those in these places."""
        places = {name: place for place, name in enumerate(self.columns)}
        return [
            (field.plain, [places[name] for name in field.columns])
            if isinstance(field, Wire)
            else (as_stored, [len(places)])
            for field in self.dump_fields.values()
        ]


def written(plain: Callable[..., Any], columns: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """What a field makes of its columns; of one value all the way down (the balance of an invoice) only once."""
    column = columns[0]
    if plain is as_stored:
        return column
    if len(columns) == 1 and column and column.count(column[0]) == len(column):
        return [plain(column[0])] * len(column)
    return list(map(plain, *columns))
