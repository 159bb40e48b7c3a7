"""From schemas to types: every object with known properties becomes a record, under the name of its place.

A schema that is only a reference has the type of what it refers to, so each place is built once and has one name. All
others are built where they stand, and named after where they stand: the record of the property `levels` of `Book` is a
`BookLevel`.

A place that is met again while it is being built is recursive, and is referred to by its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from typedws.errors import SchemaError
from typedws.schema.building.names import ClassNames, camel, field_name, unique
from typedws.schema.building.places import Hint, name_at, place_of
from typedws.schema.building.scalars import literal_types, scalar, size_limits
from typedws.schema.building.shapes import Shape, pure_target
from typedws.schema.building.unions import union
from typedws.schema.building.variants import declared_values, merged_union, variants_of, with_value, words_for
from typedws.schema.contract.types import (
    ANY,
    NULL,
    Alias,
    Declaration,
    Field,
    ListOf,
    LiteralOf,
    MapOf,
    Record,
    Ref,
    Scalar,
    TupleOf,
    Type,
    UnionOf,
    parts,
)
from typedws.schema.document.kinds import is_array, is_object
from typedws.schema.document.node import Node

__all__ = ["Schemas"]

_MAX_DEPTH = 60
_MAX_TYPES = 10_000
_MAX_FIELDS = 20_000
"""Of a module; the largest APIs that we know of make some hundreds of types with some thousands of fields."""


class Schemas:
    """The types of a document, built as they are asked for.

    Args:
        names: where class names come from.
        main: the name of the main file, whose places are pointers alone.
        binary: whether messages travel in a binary format, which has bytes of its own.
    """

    def __init__(self, names: ClassNames, *, main: str, binary: bool) -> None:
        self._names = names
        self._main = main
        self._binary = binary
        self._fields = 0
        self._declared: dict[str, Declaration] = {}
        self._order: list[str] = []
        self._places: dict[Node, Type] = {}
        self._building: dict[Node, str] = {}
        self._recursive: set[Node] = set()
        self._wanted: dict[Node, str] = {}

    @property
    def declarations(self) -> tuple[Declaration, ...]:
        """Everything that has got a name, in the order in which it was met."""
        return tuple(self._declared[name] for name in self._order)

    def keep_only(self, names: Iterable[str]) -> None:
        """Drops every declaration that none of these needs."""
        pending, kept = list(names), set[str]()
        while pending:
            name = pending.pop()
            if name in kept:
                continue
            kept.add(name)
            declared = self._declared[name]
            types = [declared.type] if isinstance(declared, Alias) else [field.type for field in declared.fields]
            if isinstance(declared, Record) and declared.extra is not None:
                types.append(declared.extra)
            pending.extend(part.name for type_ in types for part in parts(type_) if isinstance(part, Ref))
        self._order = [name for name in self._order if name in kept]

    def want_name(self, place: Node, name: str) -> None:
        """Prefers a name for the class of a place, unless it is built already."""
        self._wanted.setdefault(place, name)

    def record(self, name: str) -> Record | None:
        """The record of this name; None where it is no record."""
        declared = self._declared.get(name)
        return declared if isinstance(declared, Record) else None

    def declared(self, name: str) -> Declaration:
        """The declaration of this name."""
        return self._declared[name]

    def revise(self, declaration: Declaration) -> None:
        """Puts a declaration in the place of the one with its name."""
        self._declared[declaration.name] = declaration

    def alias(self, node: Node, type_: Type, name: str, *, description: str = "") -> str:
        """Declares a type under a name; the name."""
        place, part = self._place(node), ""
        chosen = self._names.get(place, name)
        if chosen in self._declared:
            part = name
            chosen = self._names.get(f"{place}!{part}", name)
        self._declare(Alias(name=chosen, pointer=place, type=type_, description=description, part=part))
        return chosen

    def type_of(self, node: Node, hint: Hint) -> Type:
        """The type of a schema.

        Raises:
            SchemaError: the schema is none, or a reference leads nowhere.
        """
        target = pure_target(node)
        return self._build((node,), node, hint) if target is None else self.at_place(target, hint)

    def at_place(self, place: Node, hint: Hint) -> Type:
        """The type of a schema that is referred to; built once.

        Raises: as `type_of`.
        """
        target = pure_target(place)
        if target is not None and target != place:
            return self.at_place(target, hint)
        known = self._places.get(place)
        if known is not None:
            return known
        if place in self._building:
            self._recursive.add(place)
            return Ref(self._building[place])
        own = Hint(self._wanted.get(place) or name_at(place) or hint.name, hint.depth + 1)
        name = self._names.get(self._place(place), camel(own.name, fallback="Type"), camel(hint.name, fallback="Type"))
        self._building[place] = name
        try:
            built = self._build((place,), place, Hint(name, own.depth))
        finally:
            del self._building[place]
        if isinstance(built, UnionOf) and name not in self._declared:
            # To be one of these or itself is to be one of these.
            built = union(member for member in built.members if member != Ref(name))
        if built == Ref(name) and name not in self._declared:
            place.warn("circular", "this schema is only defined by itself; anything is read")
            built = ANY
        if built != Ref(name) and (place in self._recursive or self._deserves_a_name(built)):
            shape = Shape.of((place,))
            if name in self._declared:
                # The place is an object or something else, and the object has the name.
                name = self._names.get(f"{self._place(place)}!", f"{name}Value")
            self._declare(
                Alias(
                    name=name,
                    pointer=self._place(place),
                    type=built,
                    description=_description(shape),
                    deprecated=shape.first("deprecated") is True,
                    notes=_notes(shape),
                )
            )
            built = Ref(name)
        self._places[place] = built
        return built

    @staticmethod
    def _deserves_a_name(built: Type) -> bool:
        match built:
            case LiteralOf(values):
                return len(values) > 1
            case Scalar(_, limits):
                return not limits.is_free
            case ListOf(Ref(), _) | MapOf(Ref(), _) | TupleOf():
                return True
            case UnionOf(members, _):
                # What may be null is no other thing.
                return len([member for member in members if member != NULL]) > 1
            case _:
                return False

    def _place(self, node: Node) -> str:
        return place_of(node, self._main)

    def _declare(self, declaration: Declaration) -> None:
        if declaration.name not in self._declared:
            if len(self._order) >= _MAX_TYPES:
                raise SchemaError(
                    f"{self._main}: the document makes more than {_MAX_TYPES:,} types (at {declaration.pointer[:200]})",
                    document=self._main,
                    pointer=declaration.pointer,
                )
            self._order.append(declaration.name)
        self._declared[declaration.name] = declaration

    # Building.

    def _build(self, nodes: Sequence[Node], place: Node, hint: Hint) -> Type:
        if hint.depth > _MAX_DEPTH:
            raise place.error(f"schemas are nested more than {_MAX_DEPTH} deep here, or lead round in a circle")
        shape = Shape.of(nodes)
        if shape.impossible:
            place.warn("impossible", "no value is valid here; anything is read")
            return ANY
        if shape.values is not None:
            return union(literal_types(shape, place))
        variants = variants_of(shape)
        if variants is not None:
            return self._variants(shape, variants, place, hint)
        return self._plain(shape, place, hint)

    def _plain(self, shape: Shape, place: Node, hint: Hint) -> Type:
        types = shape.types
        if types is None:
            types = _implied(shape)
        if types is None:
            return ANY
        order = ("object", "array", "string", "integer", "number", "boolean", "null")
        return union([self._of_kind(kind, shape, place, hint) for kind in order if kind in types])

    def _of_kind(self, kind: str, shape: Shape, place: Node, hint: Hint) -> Type:
        match kind:
            case "object":
                return self._object(shape, place, hint)
            case "array":
                return self._array(shape, hint)
            case _:
                return scalar(kind, shape, binary=self._binary)

    def _variants(self, shape: Shape, variants: list[Node], place: Node, hint: Hint) -> Type:
        rest = merged_union(shape)
        members: list[Type] = []
        for number, (variant, word) in enumerate(zip(variants, words_for(variants), strict=True), 1):
            own = Hint(f"{hint.name}{camel(word, fallback='') or number}", hint.depth + 1)
            if rest is None:
                members.append(self.type_of(variant, own))
            else:
                # What stands beside the alternatives makes another type of each, at a place of its own.
                merged = Node(variant.value, place.source, (*place.path, "variants", number))
                members.append(self._build((*rest, variant), merged, own))
        for target, field, value in declared_values(shape, variants):
            type_ = self.at_place(target, hint)
            record = self.record(type_.name) if isinstance(type_, Ref) and type_ in members else None
            if record is not None:
                self.revise(with_value(record, field, value))
        made = union(members)
        types = shape.types
        if types is not None and "null" in types and isinstance(made, UnionOf | Ref):
            made = union([made, NULL]) if len(types) > 1 else made
        return made

    def _object(self, shape: Shape, place: Node, hint: Hint) -> Type:
        properties = shape.properties
        extra = self._extra(shape, hint)
        if not properties:
            return MapOf(extra or ANY, size_limits(shape, "Properties"))
        name = self._names.get(self._place(place), camel(hint.name, fallback="Type"))
        if name in self._declared:
            return Ref(name)
        # Reserved before its parts are built, so that a record stands before what it is made of.
        self._declare(Record(name=name, pointer=self._place(place), fields=()))
        required = shape.required
        for missing in sorted(required - properties.keys()):
            # It must be there, whatever it is.
            properties[missing] = []
        self._fields += len(properties)
        if self._fields > _MAX_FIELDS:
            raise place.error(f"the document's objects have more than {_MAX_FIELDS:,} properties in all")
        fields: list[Field] = []
        taken: set[str] = set()
        for wire_name, schemas in properties.items():
            called = unique(field_name(wire_name), taken)
            taken.add(called)
            inside = Hint(name, hint.depth)
            fields.append(self._field(wire_name, called, schemas, hint=inside, required=wire_name in required))
        self._declare(
            Record(
                name=name,
                pointer=self._place(place),
                fields=tuple(fields),
                closed=shape.is_closed and extra is None,
                extra=extra,
                description=_description(shape),
                deprecated=shape.first("deprecated") is True,
                notes=_notes(shape),
            )
        )
        return Ref(name)

    def _field(self, wire_name: str, name: str, schemas: list[Node], *, hint: Hint, required: bool) -> Field:
        below = hint.below(wire_name)
        if not schemas:
            return Field(name=name, wire_name=wire_name, type=ANY, required=required)
        type_ = self.type_of(schemas[0], below) if len(schemas) == 1 else self._build(schemas, schemas[0], below)
        about = Shape.of(schemas)
        examples = about.examples
        return Field(
            name=name,
            wire_name=wire_name,
            type=type_,
            required=required,
            default=about.first("default"),
            description=about.text("description") or about.text("summary"),
            deprecated=about.first("deprecated") is True,
            example=examples[0] if examples else None,
        )

    def _extra(self, shape: Shape, hint: Hint) -> Type | None:
        """The type of properties that are not named, where the document gives one."""
        found: list[Type] = []
        for member in shape.every("additionalProperties"):
            if is_object(member.value):
                found.append(self.type_of(member, hint.below("value")))
        for member in shape.every("patternProperties"):
            for pattern, schema in member.items():
                found.append(self.type_of(schema, hint.below(pattern if pattern.isalnum() else "value")))
        return union(found) if found else None

    def _array(self, shape: Shape, hint: Hint) -> Type:
        limits = size_limits(shape, "Items")
        for key in ("prefixItems", "items"):
            for member in shape.every(key):
                if is_array(member.value):
                    return self._tuple(shape, list(member.elements()), hint)
        schemas = [member for member in shape.every("items") if is_object(member.value)]
        if not schemas:
            return ListOf(ANY, limits)
        item = hint.item()
        inner = self.type_of(schemas[0], item) if len(schemas) == 1 else self._build(schemas, schemas[0], item)
        return ListOf(inner, limits)

    def _tuple(self, shape: Shape, schemas: list[Node], hint: Hint) -> Type:
        limits = size_limits(shape, "Items")
        items = [
            self.type_of(schema, Hint(f"{hint.name}Item{number}", hint.depth + 1))
            for number, schema in enumerate(schemas, 1)
        ]
        more = any(is_object(member.value) for member in shape.every("additionalItems"))
        fewer = limits.min_length is not None and limits.min_length < len(items)
        examples = [example for example in shape.examples if is_array(example)]
        belied = any(len(example) != len(items) for example in examples)
        too_many = limits.max_length is not None and limits.max_length > len(items)
        if not items or more or fewer or belied or too_many:
            return ListOf(union(items) if items and not more else ANY, limits)
        return TupleOf(tuple(items))


def _implied(shape: Shape) -> frozenset[str] | None:
    """The type that is not said, but that the other keywords speak of."""
    keys = {key for part in shape.parts for key in part.value}
    if keys & {"properties", "additionalProperties", "patternProperties", "minProperties", "maxProperties"}:
        return frozenset({"object"})
    if keys & {"items", "prefixItems", "minItems", "maxItems", "uniqueItems"}:
        return frozenset({"array"})
    if keys & {"pattern", "minLength", "maxLength"} or shape.text("format") in ("date-time", "uuid", "byte", "binary"):
        return frozenset({"string"})
    if keys & {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}:
        return frozenset({"number"})
    return None


def _description(shape: Shape) -> str:
    """What a schema is, in words; a title of one word is only another name."""
    title = shape.text("title")
    return shape.text("description") or shape.text("summary") or (title if " " in title.strip() else "")


def _notes(shape: Shape) -> tuple[str, ...]:
    unsaid = shape.unsaid
    return (", ".join(unsaid),) if unsaid else ()
