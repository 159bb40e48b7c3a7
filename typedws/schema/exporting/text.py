"""A document as text. The same document gives the same text, to the byte."""

from __future__ import annotations

import json
import re
from io import StringIO
from typing import Any, Final

__all__ = ["to_json", "to_yaml"]


def to_json(document: dict[str, Any]) -> str:
    """The document as JSON, in its own order."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_yaml(document: dict[str, Any]) -> str:
    """The document as YAML 1.2, in its own order.

    Strings that a reader of YAML 1.1 would take for something else ("no", "1:30", "2026-11-22") are in quotes.
    """
    from ruamel.yaml import YAML

    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 120
    yaml.sort_base_mapping_type_on_output = False
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.ignore_aliases = _never_shared
    yaml.representer.add_representer(str, _represent_text)
    yaml.representer.add_representer(float, _represent_number)
    stream = StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


_AMBIGUOUS: Final = re.compile(
    r"""
      y|n|yes|no|on|off|true|false|null|~|=|<<      # truth, nothing, and two signs with a meaning of their own
    | [-+]?[0-9][0-9_,.:eE+-]*                      # numbers, also octal ones and those to the base of 60; dates
    | [-+]?\.[0-9][0-9_eE+-]*
    | [-+]?0[box][0-9a-f_]+
    | [-+]?\.(inf|nan)
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?      # points in time
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Whatever could be no string in one version of YAML or another."""

_VERSION: Final = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
"""1.2.3 is a string everywhere."""


def _never_shared(_: object) -> bool:
    return True


def _represent_text(representer: Any, text: str) -> Any:
    style = None
    if _AMBIGUOUS.fullmatch(text) and not _VERSION.fullmatch(text):
        style = "'"
    elif "\n" in text and _is_block(text):
        style = "|"
    elif not text.isprintable():
        style = '"'  # what looks like nothing, or like the end of a line to some
    return representer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_block(text: str) -> bool:
    lines = text.split("\n")
    return lines[0][:1].strip() != "" and all(line == line.rstrip() and line.isprintable() for line in lines)


def _represent_number(representer: Any, number: float) -> Any:
    text = repr(number)
    if "." not in text and "e" in text:
        text = text.replace("e", ".0e")  # 1e+20 is a string in YAML 1.1
    return representer.represent_scalar("tag:yaml.org,2002:float", text)
