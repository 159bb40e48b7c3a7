"""The sampler: JSON values for the types and messages of a contract, the same ones for the same seed."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any, Final

from typedws.errors import SchemaError
from typedws.schema.contract.api import Contract, Direction, Message
from typedws.schema.contract.types import Ref, Type
from typedws.schema.decisions import Path
from typedws.schema.document.kinds import is_object
from typedws.schema.samples.chance import Chance
from typedws.schema.samples.checking import Checker
from typedws.schema.samples.deciding import candidates
from typedws.schema.samples.heights import Heights
from typedws.schema.samples.making import Impossible, Making, Presence
from typedws.schema.samples.places import read_at, wire_path, write_at
from typedws.schema.samples.variants import variants_of

__all__ = ["Sampler"]

_NOTHING: Final[Mapping[Path, Any]] = MappingProxyType({})
_TRIES: Final[tuple[Presence, ...]] = ("some", "some", "some", "all", "none", "some", "some", "some")


class Sampler:
    """Makes JSON values of the types of a contract.

    Values have every limit that the contract has, and the form in which they are written again: date and time in whole
    seconds and UTC, UUIDs in lower case, bytes in base64. A pattern is met as far as `text_matching` goes; where it
    fails, the example or the default of the field is taken, and an optional field is left out.

    Args:
        contract: where the types are declared.
        seed: what is chosen: the same seed, asked for the same values in the same order, makes the same ones.
        use_examples: whether the examples of messages and fields are taken where they are valid.
    """

    def __init__(self, contract: Contract, seed: int = 0, *, use_examples: bool = True) -> None:
        self.checker = Checker(contract)
        self._heights = Heights(contract)
        self._chance = Chance(seed)
        self._use_examples = use_examples
        self._examples: dict[str, list[Any]] = {}

    def reseeded(self, seed: int) -> Sampler:
        """A sampler of the same contract with another seed; what has been found out about the contract is shared."""
        other = object.__new__(Sampler)
        other.__dict__.update(self.__dict__)
        other._chance = Chance(seed)
        return other

    def value(
        self,
        type_: Type,
        *,
        fixed: Mapping[Path, Any] = _NOTHING,
        presence: Presence = "some",
        without: Collection[str] = (),
        use_examples: bool | None = None,
    ) -> Any:
        """A value of a type.

        Args:
            fixed: what shall stand at places in it, by paths of Python field names; what does not fit is left out.
            presence: which optional fields there are.
            without: wire names of optional fields that are left out.
            use_examples: whether the examples of fields are taken; as for the sampler unless given.

        Raises:
            SchemaError: no value can be made.
        """
        try:
            return self._made(type_, presence, fixed=fixed, without=without, use_examples=use_examples)
        except Impossible as problem:
            raise SchemaError(f"no sample can be made: {problem}") from None

    def message(
        self,
        message: Message,
        *,
        direction: Direction | None = None,
        fixed: Mapping[Path, Any] = _NOTHING,
        without: Collection[str] = (),
    ) -> Any:
        """The payload of a message as JSON (base64 for a binary one): one of its examples, or else a value of its type.

        Args:
            direction: among whose messages it shall be told apart: a value that is taken for another one is not used
                if there is a better one.
            fixed: as for `value`.
            without: as for `value`.

        Raises:
            SchemaError: no value can be made.
        """
        type_ = Ref(message.name)
        if self._use_examples:
            valid = self._valid_examples(message)
            examples = self._chance.shuffled([one for one in valid if not (is_object(one) and one.keys() & {*without})])
            for example in examples:
                fitted = self._with(type_, deepcopy(example), fixed)
                if fitted is not None and self._is_told(message, direction, fitted):
                    return fitted
        made: list[Any] = []
        # What a document gives as the example of a field may be that of another message.
        for use_examples in dict.fromkeys((self._use_examples, False)):
            for presence in _TRIES:
                made.append(
                    self.value(type_, fixed=fixed, presence=presence, without=without, use_examples=use_examples)
                )
                if self._is_told(message, direction, made[-1]):
                    return made[-1]
        return made[0]

    def variants(self, type_: Type, *, limit: int = 60) -> list[Any]:
        """A few different values that together take every branch of a type; none where no value can be made."""
        found: dict[str, Any] = {}
        for value in variants_of(self.checker, self._made, type_):
            found.setdefault(json.dumps(value, sort_keys=True), value)
            if len(found) >= limit:
                break
        return list(found.values())

    def _made(
        self,
        type_: Type,
        presence: Presence,
        *,
        fixed: Mapping[Path, Any] = _NOTHING,
        without: Collection[str] = (),
        use_examples: bool | None = None,
    ) -> Any:
        making = Making(
            self.checker,
            self._heights,
            self._chance,
            presence=presence,
            use_examples=self._use_examples if use_examples is None else use_examples,
            without=without,
        )
        return deepcopy(making.value(type_, fixed=fixed))

    def _valid_examples(self, message: Message) -> list[Any]:
        if message.name not in self._examples:
            payloads = [example.payload for example in message.examples]
            self._examples[message.name] = [p for p in payloads if self.checker.accepts(Ref(message.name), p)]
        return self._examples[message.name]

    def _with(self, type_: Type, value: Any, fixed: Mapping[Path, Any]) -> Any:
        """An example with fixed values; None where it does not go with them."""
        for path, wanted in fixed.items():
            way = wire_path(self.checker, type_, path)
            if way is not None:
                changed = write_at(value, way, wanted)
                if read_at(changed, way) != wanted:
                    return None
                value = changed
        return value if self.checker.accepts(type_, value) else None

    def _is_told(self, message: Message, direction: Direction | None, value: Any) -> bool:
        if direction is None:
            return True
        decision = direction.text if message.format in ("json", "text") else direction.binary
        if decision is None or message.format == "binary":
            return True
        return message.name in candidates(decision, value)
