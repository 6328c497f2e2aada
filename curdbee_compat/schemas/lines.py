"""The line items of a statement: written as `line_items`, read as `line_items_attributes`."""

from collections.abc import Sequence
from typing import Any

from marshmallow import ValidationError
from marshmallow.fields import Field

MAX_CHANGES = 10_000
TRUE = {True, "1", "t", "T", "true", "TRUE"}  # Rails 2.3's; all else is false


class Lines(Field):
    """The statement's lines, whole; read only. `schema` describes one."""

    def __init__(self, schema: Any) -> None:
        super().__init__(dump_only=True)
        self.schema = schema

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> list[dict[str, Any]]:
        return [self.schema.dump(line) for line in value]


class LineChanges(Field):
    """Rails' nested attributes: an array of lines, or an object with any keys. One with an `id` may be partial;
    `_destroy` beside it drops the line."""

    def __init__(self, schema: Any) -> None:
        super().__init__(load_only=True, allow_none=True)
        self.schema = schema

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[dict[str, Any]]:
        changes = self._several(value)
        if len(changes) > MAX_CHANGES:
            raise ValidationError(f"is too long (maximum is {MAX_CHANGES} lines)")
        loaded, errors = [], {}
        for place, change in enumerate(changes):
            try:
                loaded.append(self._line(change))
            except ValidationError as error:
                errors[place] = error.messages
        if errors:
            raise ValidationError(errors)
        return loaded

    def _several(self, value: Any) -> Sequence[Any]:
        if isinstance(value, dict):
            # An XML array of one comes as an array; an object whose values are no objects is one line by itself.
            lines = list(value.values())
            if len(lines) == 1 and isinstance(lines[0], list):  # XML without type="array"
                return lines[0]
            return lines if all(isinstance(line, dict) for line in lines) else [value]
        if isinstance(value, list):
            return value
        if isinstance(value, str) and not value.strip():
            return []
        raise ValidationError("is invalid")

    def _line(self, change: Any) -> dict[str, Any]:
        if not isinstance(change, dict):
            raise ValidationError("is invalid")
        if any(flag in TRUE for flag in (change.get("_destroy"), change.get("_delete")) if isinstance(flag, int | str)):
            return {**self.schema.load({"id": change.get("id")}, partial=True), "_destroy": True}
        return self.schema.load(change, partial=change.get("id") not in (None, ""))
