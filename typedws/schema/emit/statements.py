"""Statements with expressions in them, laid out: `name: annotation = value`, and the first lines of a function.

Where a line is too long, brackets of the value are opened if that is enough. A union is put in parentheses, and so is
what has no bracket within reach, where that helps.
"""

from __future__ import annotations

from collections.abc import Sequence

from typedws.schema.emit.layout import INDENT, Atom, Expression, Group, Union, fits, flat, render

__all__ = ["annotated", "assigned", "signature"]


def _in_parentheses(expression: Expression, lead: str, *, indent: int, tail: str = "") -> list[str]:
    inner = render(expression, " " * (indent + INDENT), indent=indent + INDENT)
    return [f"{lead}(", *inner, f"{' ' * indent}){tail}"]


def _helped_by_parentheses(
    expression: Expression, lead: str, *, indent: int, tail: str = "", of_name: bool = False
) -> list[str]:
    """The expression in parentheses; nothing where a line of it is too long even there.

    A call behind a name with a plain annotation (`of_name`) gets them only where it is one line in them.
    """
    lines = _in_parentheses(expression, lead, indent=indent, tail=tail)
    is_plain_call = isinstance(expression, Group) and isinstance(expression.head, Atom)
    if is_plain_call and of_name and len(lines) > 3:
        return []
    return lines if all(fits(line) for line in (lines[:1] if is_plain_call and not of_name else lines)) else []


def _opening(expression: Expression) -> str | None:
    """The text up to the first bracket that can be opened."""
    while isinstance(expression, Group) and isinstance(expression.head, Group):
        expression = expression.head
    if isinstance(expression, Group) and expression.items:
        return ("" if expression.head is None else flat(expression.head)) + expression.brackets[0]
    return None


def assigned(lead: str, value: Expression, *, indent: int, of_name: bool = False) -> list[str]:
    """`lead` ends with `= `; the value is broken where it must. `of_name`: behind a name with a plain annotation."""
    if fits(lead + flat(value)):
        return [lead + flat(value)]
    if isinstance(value, Union):
        return _in_parentheses(value, lead, indent=indent)
    opening = _opening(value)
    if opening is not None and fits(lead + opening):
        return render(value, lead, indent=indent)
    return _helped_by_parentheses(value, lead, indent=indent, of_name=of_name) or render(value, lead, indent=indent)


def annotated(name: str, annotation: Expression, value: Expression | None, *, indent: int) -> list[str]:
    """`name: annotation = value`"""
    lead = f"{' ' * indent}{name}: "
    before = lead + flat(annotation)
    if value is None:
        if isinstance(annotation, Atom) and not fits(before):
            return _helped_by_parentheses(annotation, lead, indent=indent) or [before]
        return [before] if fits(before) else _annotation(annotation, lead, indent=indent)
    if isinstance(annotation, Atom) or fits(f"{before} = {flat(value)}"):
        return assigned(f"{before} = ", value, indent=indent, of_name=True)
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
