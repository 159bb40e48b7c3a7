"""Names in the generated module: those of the contract, moved where they would hide something that the module needs.

The names of a contract are used as they are. A field or a method gets a `_` where its own name would mean something
else: in a class body, annotations see the names of fields and methods first.
"""

from __future__ import annotations

import builtins
from collections.abc import Collection
from typing import Final, Literal, TypeAlias

from typedws.schema.building.names import IMPORTED, METHODS
from typedws.schema.contract.api import Contract
from typedws.schema.contract.types import Alias, Field, ListOf, MapOf, Record, Ref, TupleOf, Type, UnionOf
from typedws.schema.decisions import Path
from typedws.schema.emit.text import identifier

__all__ = ["Models", "Names"]

Models: TypeAlias = Literal["msgspec", "pydantic"]

BUILTINS: Final = frozenset({"bool", "bytes", "dict", "float", "int", "list", "object", "str", "tuple"})

_PYDANTIC: Final = frozenset(
    "construct copy dict fields from_orm json mro parse_file parse_obj parse_raw register schema schema_json "
    "update_forward_refs validate".split()
)
"""What a model or its class has already, besides all that begins with `model_`."""


class Names:
    """The names of one module.

    Args:
        contract: what the module is made from.
        models: which library its classes are of.

    Raises:
        SchemaError: a name in the contract is none in Python.
    """

    def __init__(self, contract: Contract, models: Models) -> None:
        self._models = models
        self._records = {declared.name: declared for declared in contract.declarations if isinstance(declared, Record)}
        self._aliases = {declared.name: declared for declared in contract.declarations if isinstance(declared, Alias)}
        self._classes: dict[str, str] = {}
        taken: set[str] = {*IMPORTED, *dir(builtins)} - {"Incoming", "Outgoing"}
        declared_names = [identifier(declared.name) for declared in contract.declarations]
        declared_names += [identifier(connection.name) for connection in contract.connections]
        for name in declared_names:
            if name not in self._classes:
                # Two underscores in front mean something else inside a class.
                free = f"Type{name}" if name.startswith("__") or self._is_special(name) else name
                while free in taken or (free != name and free in declared_names):
                    free += "_"
                self._classes[name] = free
                taken.add(free)
        self._taken = taken
        for record in self._records.values():
            for field in record.fields:
                identifier(field.name)
        self._hidden = frozenset({*IMPORTED, *BUILTINS, *self._classes.values()})
        self._fields: dict[str, dict[str, str]] = {}

    def of(self, name: str) -> str:
        """The name of a declaration or a connection."""
        return self._classes.get(name) or identifier(name)

    def free(self, *wanted: str) -> str:
        """A name at the top of the module that is nobody's yet; it is taken then."""
        name = next((name for name in wanted if name not in self._taken), "")
        if not name:
            name, number = wanted[0], 2
            while name in self._taken:
                name, number = f"{wanted[0]}{number}", number + 1
        self._taken.add(identifier(name))
        return name

    def argument(self, name: str, *taken: str) -> str:
        """A name of an argument or a method which hides nothing."""
        identifier(name)
        while name in self._hidden or name in taken or name.startswith("__"):
            name = f"{name.lstrip('_') or 'value'}_"
        return name

    def method(self, name: str, taken: Collection[str]) -> str:
        """A name of a method."""
        if name.startswith("_"):
            name = name.lstrip("_") or "operation"
            name = name if name.isidentifier() else f"operation_{name}"
        return self.argument(name, *METHODS, *taken)

    # Fields.

    def field(self, record: Record, field: Field) -> str:
        """The name of a field in its class."""
        return self.fields(record)[field.name]

    def fields(self, record: Record) -> dict[str, str]:
        """The names of all fields of a record, by those in the contract."""
        known = self._fields.get(record.name)
        if known is None:
            known = self._fields[record.name] = self._name_fields(record)
        return known

    def _name_fields(self, record: Record) -> dict[str, str]:
        named: dict[str, str] = {}
        kept = {field.name for field in record.fields}
        for field in record.fields:
            name = identifier(field.name)
            if name.startswith("_") and (self._models == "pydantic" or name.startswith("__")):
                name = name.lstrip("_") or "field"
                name = f"{name}_" if name.isidentifier() else f"field_{name}"
            while self._is_hiding(name) or (name != field.name and name in kept) or name in named.values():
                name = f"{name}_"
            named[field.name] = identifier(name)
        return named

    def _is_hiding(self, name: str) -> bool:
        if name in self._hidden:
            return True
        return self._is_special(name) and not name.endswith("_")

    def _is_special(self, name: str) -> bool:
        """Whether a model of pydantic has it already, or its class has: pydantic warns of such a field."""
        return self._models == "pydantic" and (name in _PYDANTIC or name.startswith("model_"))

    # Paths.

    def path(self, start: str, path: Path) -> Path:
        """A path of field names from a declaration, in the names of the module."""
        found: list[str | int] = []
        inside: Type | None = Ref(start)
        for step in path:
            record = None if inside is None or not isinstance(step, str) else self._record_with(inside, step)
            if record is not None:
                found.append(self.fields(record)[str(step)])
                inside = next(field.type for field in record.fields if field.name == step)
            else:
                found.append(step)
                inside = None if inside is None else self._inside(inside, step)
        return tuple(found)

    def _record_with(self, type_: Type, name: str, depth: int = 0) -> Record | None:
        if depth > 20:
            return None
        match type_:
            case Ref(declared):
                record = self._records.get(declared)
                if record is not None:
                    return record if any(field.name == name for field in record.fields) else None
                alias = self._aliases.get(declared)
                return None if alias is None else self._record_with(alias.type, name, depth + 1)
            case UnionOf(members):
                found = (self._record_with(member, name, depth + 1) for member in members)
                return next((record for record in found if record is not None), None)
            case _:
                return None

    def _inside(self, type_: Type, step: str | int, depth: int = 0) -> Type | None:
        match type_:
            case Ref(declared) if declared in self._aliases and depth < 20:
                return self._inside(self._aliases[declared].type, step, depth + 1)
            case ListOf(item) if isinstance(step, int):
                return item
            case TupleOf(items) if isinstance(step, int) and -len(items) <= step < len(items):
                return items[step]
            case MapOf(value) if isinstance(step, str):
                return value
            case _:
                return None
