"""The strings below the attributes of a class, which Python forgets and its source still has.

class Trade(Struct):
    price: float
    \"\"\"In US dollars.\"\"\"
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import lru_cache
from itertools import pairwise

__all__ = ["attribute_docs"]


@lru_cache(maxsize=1024)
def attribute_docs(cls: type) -> dict[str, str]:
    """What the source says about the attributes of a class, its own and inherited ones, by name.

    Empty where the source is not to be had: in a class that was made by a function, or typed at a prompt.
    """
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base.__module__ not in ("builtins", "typing", "msgspec", "pydantic.main"):
            found |= _own(base)
    return found


def _own(cls: type) -> dict[str, str]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError, SyntaxError):
        return {}
    if not (tree.body and isinstance(tree.body[0], ast.ClassDef)):
        return {}
    body = tree.body[0].body
    found: dict[str, str] = {}
    for statement, following in pairwise(body):
        match statement, following:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
            case _:
                pass
    return found
