"""Expressions and how they are laid out: on one line where they fit, and else as `ruff format` breaks them.

An expression is a small tree:

    Atom(text)            a name or a literal; never broken
    Group(head, ...)      brackets with items: a call, a subscript, a tuple, a list
    Union(members)        `A | B`
    Keyword(name, value)  `name=value`
    Pair(key, value)      `key: value`
    Conditional(...)      `value if condition else otherwise`

The rules, as far as they are needed here: brackets that do not fit on their line are opened, outermost first. The items
of calls and subscripts then stay on one line if they fit there, and get a line each with a comma behind every one
otherwise; a single item gets no comma. A union gets a line for each member, in parentheses where it stands at the top
of an annotation or on the right of `=`. A conditional gets a line for each of its parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from typedws.schema.emit.text import LINE, width

__all__ = [
    "INDENT",
    "Atom",
    "Conditional",
    "Expression",
    "Group",
    "Keyword",
    "Pair",
    "Union",
    "array",
    "call",
    "fits",
    "flat",
    "mapping",
    "render",
    "sequence",
    "subscript",
    "union",
]

INDENT: Final = 4
"""How far a line in brackets stands behind the one that opens them."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A name or a literal."""

    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Brackets with items, behind what is called or subscripted.

    Attributes:
        head: what stands before the brackets; None for a tuple, a list or a dict.
        items: what stands in them.
        brackets: the two.
        compact: whether the items may share a line of their own.
    """

    head: Expression | None
    items: tuple[Expression, ...]
    brackets: Literal["()", "[]", "{}"]
    compact: bool = True

    @property
    def is_tuple(self) -> bool:
        """Whether a single item needs a comma to be what it is."""
        return self.head is None and self.brackets == "()"


@dataclass(frozen=True, slots=True)
class Union:
    """`A | B`, of at least two."""

    members: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Keyword:
    """`name=value`"""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Pair:
    """`key: value`"""

    key: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Conditional:
    """`value if condition else otherwise`"""

    value: Expression
    condition: Expression
    otherwise: Expression


Expression: TypeAlias = Atom | Group | Union | Keyword | Pair | Conditional


def call(head: str | Expression, *items: Expression) -> Group:
    """`head(items)`"""
    return Group(Atom(head) if isinstance(head, str) else head, items, "()")


def subscript(head: str, *items: Expression) -> Group:
    """`head[items]`"""
    return Group(Atom(head), items, "[]")


def sequence(items: Iterable[Expression]) -> Group:
    """A tuple."""
    return Group(None, tuple(items), "()", compact=False)


def array(items: Iterable[Expression]) -> Group:
    """A list."""
    return Group(None, tuple(items), "[]", compact=False)


def mapping(items: Iterable[tuple[str, Expression]]) -> Group:
    """A dict; of two entries with one key, the last counts."""
    return Group(None, tuple(Pair(key, value) for key, value in dict(items).items()), "{}", compact=False)


def union(members: Iterable[Expression]) -> Expression:
    """A union of those that are not the same: all literals are one, `None` and what stands for absence come last."""
    distinct: dict[str, Expression] = {}
    values: dict[str, Expression] = {}
    for member in members:
        for part in member.members if isinstance(member, Union) else (member,):
            if isinstance(part, Group) and part.head == Atom("Literal"):
                values.update((flat(item), item) for item in part.items)
                distinct["Literal"] = subscript("Literal", *values.values())
            else:
                distinct.setdefault(flat(part), part)
    last = [distinct.pop(name) for name in ("None", "UnsetType") if name in distinct]
    found = (*distinct.values(), *last)
    return found[0] if len(found) == 1 else Union(found)


def flat(expression: Expression) -> str:
    """An expression on one line."""
    match expression:
        case Atom(text):
            return text
        case Group(head, items, brackets):
            inner = ", ".join(flat(item) for item in items)
            comma = "," if expression.is_tuple and len(items) == 1 else ""
            return f"{'' if head is None else flat(head)}{brackets[0]}{inner}{comma}{brackets[1]}"
        case Union(members):
            return " | ".join(flat(member) for member in members)
        case Keyword(name, value):
            return f"{name}={flat(value)}"
        case Pair(key, value):
            return f"{key}: {flat(value)}"
        case Conditional(value, condition, otherwise):
            return f"{flat(value)} if {flat(condition)} else {flat(otherwise)}"


def fits(line: str) -> bool:
    """Whether a line is not too long."""
    return width(line) <= LINE


def render(expression: Expression, lead: str, *, indent: int, tail: str = "") -> list[str]:
    """Lays an expression out.

    Args:
        expression: the expression.
        lead: what stands before it on its first line, indentation included.
        indent: of the lines that it is broken into.
        tail: what stands behind it on its last line.
    """
    line = lead + flat(expression) + tail
    if fits(line):
        return [line]
    match expression:
        case Atom():
            return [line]
        case Keyword(name, value):
            return render(value, f"{lead}{name}=", indent=indent, tail=tail)
        case Pair(key, value):
            return render(value, f"{lead}{key}: ", indent=indent, tail=tail)
        case Union(members):
            margin = " " * indent + "| "
            lines = render(members[0], lead, indent=indent)
            for member in members[1:-1]:
                lines.extend(render(member, margin, indent=indent))
            return [*lines, *render(members[-1], margin, indent=indent, tail=tail)]
        case Conditional(value, condition, otherwise):
            margin = " " * indent
            return [
                *render(value, lead, indent=indent),
                *render(condition, f"{margin}if ", indent=indent),
                *render(otherwise, f"{margin}else ", indent=indent, tail=tail),
            ]
        case Group(head, items, brackets, compact):
            if not items:
                empty = brackets + tail
                return [lead + empty] if head is None else render(head, lead, indent=indent, tail=empty)
            before = [lead + brackets[0]]
            if head is not None:
                before = render(head, lead, indent=indent, tail=brackets[0])
            rest = f"{before[-1]}{', '.join(flat(item) for item in items)}{brackets[1]}{tail}"
            if len(before) > 1 and fits(rest):
                return [*before[:-1], rest]
            return [
                *before,
                *_opened(expression, indent=indent + INDENT, compact=compact),
                " " * indent + brackets[1] + tail,
            ]


def _opened(group: Group, *, indent: int, compact: bool) -> list[str]:
    margin = " " * indent
    if compact:
        line = margin + ", ".join(flat(item) for item in group.items)
        if fits(line):
            return [line]
    if len(group.items) == 1:
        return render(group.items[0], margin, indent=indent, tail="," if group.is_tuple else "")
    return [line for item in group.items for line in render(item, margin, indent=indent, tail=",")]
