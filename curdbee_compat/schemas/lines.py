"""The line items of a statement: written as `line_items`, read as `line_items_attributes`."""

from collections.abc import Sequence
from typing import Any

from marshmallow import ValidationError
from marshmallow.fields import Field

MAX_CHANGES = 10_000


class Lines(Field):
    """The statement's lines, whole; read only. `schema` describes one."""

    def __init__(self, schema: Any) -> None:
        super().__init__(dump_only=True)
        self.schema = schema

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> list[dict[str, Any]]:
        return [self.schema.dump(line) for line in value]


class LineChanges(Field):
    """Rails' nested attributes: an array of lines, or an object with any keys. One with an `id` may be partial."""

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
            return list(value.values()) if all(isinstance(line, dict) for line in value.values()) else [value]
        if isinstance(value, list):
            return value
        if isinstance(value, str) and not value.strip():
            return []
        raise ValidationError("is invalid")

    def _line(self, change: Any) -> dict[str, Any]:
        if not isinstance(change, dict):
            raise ValidationError("is invalid")
        dropped = any(change.get(name) in (True, 1, "1", "true") for name in ("_destroy", "_delete"))
        if dropped:
            change = {"id": change.get("id"), "_destroy": True}
        present = change.get("id") not in (None, "")
        return self.schema.load(change, partial=present or dropped)
