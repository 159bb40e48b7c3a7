"""Expressions and how they are laid out: on one line where they fit, and else as `ruff format` breaks them.

An expression is a small tree:

    Atom(text)            a name or a literal; never broken
    Group(head, ...)      brackets with items: a call, a subscript, a tuple, a list
    Union(members)        `A | B`
    Keyword(name, value)  `name=value`
    Pair(key, value)      `key: value`

The rules, as far as they are needed here: brackets that do not fit on their line are opened, outermost first. The items
of calls and subscripts then stay on one line if they fit there, and get a line each with a comma behind every one
otherwise; a single item gets no comma. A union gets a line for each member, in parentheses where it stands at the top
of an annotation or on the right of `=`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from typedws.schema.emit.text import LINE, width

__all__ = [
    "Atom",
    "Expression",
    "Group",
    "Keyword",
    "Pair",
    "Union",
    "annotated",
    "array",
    "assigned",
    "call",
    "fits",
    "flat",
    "mapping",
    "render",
    "sequence",
    "signature",
    "subscript",
    "union",
]

INDENT = 4


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


Expression: TypeAlias = Atom | Group | Union | Keyword | Pair


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


def _in_parentheses(expression: Expression, lead: str, *, indent: int, tail: str = "") -> list[str]:
    inner = render(expression, " " * (indent + INDENT), indent=indent + INDENT)
    return [f"{lead}(", *inner, f"{' ' * indent}){tail}"]


def _helped_by_parentheses(expression: Expression, lead: str, *, indent: int, tail: str = "") -> list[str]:
    """The expression in parentheses; nothing where a line of it is too long even there."""
    lines = _in_parentheses(expression, lead, indent=indent, tail=tail)
    is_plain_call = isinstance(expression, Group) and isinstance(expression.head, Atom)
    return lines if all(fits(line) for line in (lines[:1] if is_plain_call else lines)) else []


def _opening(expression: Expression) -> str | None:
    """The text up to the first bracket that can be opened."""
    while isinstance(expression, Group) and isinstance(expression.head, Group):
        expression = expression.head
    if isinstance(expression, Group) and expression.items:
        return ("" if expression.head is None else flat(expression.head)) + expression.brackets[0]
    return None


def assigned(lead: str, value: Expression, *, indent: int) -> list[str]:
    """`lead` ends with `= `; the value is broken where it must."""
    if fits(lead + flat(value)):
        return [lead + flat(value)]
    if isinstance(value, Union):
        return _in_parentheses(value, lead, indent=indent)
    opening = _opening(value)
    if opening is not None and fits(lead + opening):
        return render(value, lead, indent=indent)
    return _helped_by_parentheses(value, lead, indent=indent) or render(value, lead, indent=indent)


def annotated(name: str, annotation: Expression, value: Expression | None, *, indent: int) -> list[str]:
    """`name: annotation = value`"""
    lead = f"{' ' * indent}{name}: "
    before = lead + flat(annotation)
    if value is None:
        if isinstance(annotation, Atom) and not fits(before):
            return _helped_by_parentheses(annotation, lead, indent=indent) or [before]
        return [before] if fits(before) else _annotation(annotation, lead, indent=indent)
    if isinstance(annotation, Atom) or fits(f"{before} = {flat(value)}"):
        return assigned(f"{before} = ", value, indent=indent)
    opening = _opening(value)
    if fits(f"{before} = (") or (opening is not None and fits(f"{before} = {opening}")):
        return assigned(f"{before} = ", value, indent=indent)
    if opening is None:
        return _annotation(annotation, lead, indent=indent, tail=f" = {flat(value)}")
    *lines, last = _annotation(annotation, lead, indent=indent, tail=f" = {opening}")
    return [*lines, *assigned(last.removesuffix(opening), value, indent=indent)]


def _annotation(annotation: Expression, lead: str, *, indent: int, tail: str = "") -> list[str]:
    if isinstance(annotation, Union):
        return _in_parentheses(annotation, lead, indent=indent, tail=tail)
    opening = _opening(annotation)
    if opening is not None and not tail and not fits(lead + opening):
        helped = _helped_by_parentheses(annotation, lead, indent=indent)
        if helped:
            return helped
    return render(annotation, lead, indent=indent, tail=tail)


def signature(
    name: str, parameters: Sequence[str | tuple[str, Expression, str | None]], returns: Expression, *, indent: int
) -> list[str]:
    """The first lines of a function.

    Args:
        name: with `def`, or `async def`.
        parameters: each is a plain text, such as `self` or `*`, or a name with its annotation and its default.
        returns: what it returns.
        indent: of the function.
    """
    margin = " " * indent
    inline = ", ".join(_parameter(parameter) for parameter in parameters)
    line = f"{margin}{name}({inline}) -> {flat(returns)}:"
    if fits(line):
        return [line]
    inner = " " * (indent + INDENT)
    lines = [f"{margin}{name}("]
    if fits(inner + inline) and len(parameters) > 1:
        lines.append(inner + inline)
    else:
        for parameter in parameters:
            if isinstance(parameter, str):
                lines.append(f"{inner}{parameter},")
            else:
                called, annotation, default = parameter
                tail = "," if default is None else f" = {default},"
                lines.extend(render(annotation, f"{inner}{called}: ", indent=indent + INDENT, tail=tail))
    closing = f"{margin}) -> "
    if fits(f"{closing}{flat(returns)}:"):
        return [*lines, f"{closing}{flat(returns)}:"]
    return [*lines, *_annotation(returns, closing, indent=indent, tail=":")]


def _parameter(parameter: str | tuple[str, Expression, str | None]) -> str:
    if isinstance(parameter, str):
        return parameter
    name, annotation, default = parameter
    return f"{name}: {flat(annotation)}" + ("" if default is None else f" = {default}")
