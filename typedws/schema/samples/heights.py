"""How deep the values of a type are at least: it tells the way out of a recursive type, and whether there is one."""

from __future__ import annotations

import math

from typedws.schema.contract.api import Contract
from typedws.schema.contract.types import (
    Declaration,
    ListOf,
    LiteralOf,
    MapOf,
    Record,
    Ref,
    Scalar,
    TupleOf,
    Type,
    UnionOf,
)

__all__ = ["Heights"]


class Heights:
    """The least heights of all declarations of a contract; infinite for a type that has no finite value."""

    def __init__(self, contract: Contract) -> None:
        self._known: dict[str, float] = {declared.name: math.inf for declared in contract.declarations}
        # Each round finds what is one step higher, so there are as many rounds as the highest one has steps.
        changed = True
        while changed:
            changed = False
            for declared in contract.declarations:
                height = self._of_declaration(declared)
                if height < self._known[declared.name]:
                    self._known[declared.name] = height
                    changed = True

    def of(self, type_: Type) -> float:
        """The least height of a value of this type."""
        match type_:
            case Scalar() | LiteralOf():
                return 0
            case ListOf(inner, constraints) | MapOf(inner, constraints):
                return 1 + self.of(inner) if constraints.min_length else 0
            case TupleOf(items):
                return 1 + max(map(self.of, items), default=0)
            case UnionOf(members):
                return min(map(self.of, members))
            case Ref(name):
                return self._known.get(name, math.inf)

    def _of_declaration(self, declared: Declaration) -> float:
        if isinstance(declared, Record):
            return 1 + max((self.of(field.type) for field in declared.fields if field.required), default=0)
        return self.of(declared.type)
