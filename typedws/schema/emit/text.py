"""Text of a document as Python source: literals, docstrings and comments that do nothing, whatever they say.

Whatever comes from a document goes through one of these functions on its way into the module:

    literal(value)          a value as a Python literal
    docstring(text, ...)    a docstring, as lines
    comment(text, ...)      comment lines
    pointer_text(pointer)   a JSON pointer on one line

Literals are ASCII besides letters of scripts whose width on a screen is certain, since a line is laid out by its width.
In prose, control characters, marks that change the direction of text and lone surrogates are taken out.
"""

from __future__ import annotations

import keyword
import math
import re
import textwrap
import unicodedata
from collections.abc import Mapping
from typing import Final

from typedws.errors import SchemaError

__all__ = ["LINE", "comment", "docstring", "formatted", "identifier", "literal", "pointer_text", "prose", "width"]

LINE: Final = 88
"""How long a line may be: what `ruff format` takes where nobody tells it otherwise."""

_NARROW: Final = ((0x20, 0x7E), (0xC0, 0x17F), (0x391, 0x3A1), (0x3A3, 0x3A9), (0x3B1, 0x3C9), (0x410, 0x44F))
_WIDE: Final = ((0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3))
_VARIABLE: Final = re.compile(r"\{([^{}]*)\}")
_SHORT_ESCAPES: Final = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}

# A line that means something where it stands: blank, indented, an entry of a list or table, a heading, a quotation.
_LAYOUT: Final = re.compile(r"\s*$|\s|[-*+|>#=~]|\d+[.)]\s")

# An entry below `Args:`, or below another entry.
_ENTRY: Final = re.compile(r"(?:    ){1,2}[A-Za-z_][\w.-]*: ")

# Words that tools read where a comment begins with them.
_TOOLS: Final = "type|pyright|mypy|ruff|fmt|noqa|yapf|isort|flake8|pylint|pragma|coding|nosec"
_DIRECTIVE: Final = re.compile(rf"\W*({_TOOLS})\b", re.IGNORECASE)
_MARKED: Final = re.compile(rf"#+\s*({_TOOLS})", re.IGNORECASE)


def identifier(name: str) -> str:
    """A name, after a look at whether it is one.

    Raises:
        SchemaError: it is none; nothing but a name may stand where names stand.
    """
    if not name.isidentifier() or keyword.iskeyword(name) or not name.isascii():
        raise SchemaError(f"not a name in Python: {name!r}")
    return name


def literal(value: str | int | float | bool | None) -> str:
    """A value as `ruff format` writes it."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float):
        return repr(value).replace("e+", "e") if math.isfinite(value) else f'float("{value}")'
    return repr(value)


def _quoted(value: str) -> str:
    double, single = value.count('"'), value.count("'")
    quote = "'" if double > single else '"'
    return quote + "".join(_escaped(character, quote) for character in value) + quote


def _escaped(character: str, quote: str) -> str:
    code = ord(character)
    if character == quote:
        return "\\" + character
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    if any(low <= code <= high for low, high in (*_NARROW, *_WIDE)):
        return character
    if 0xD800 <= code <= 0xDFFF:
        # Half a character: it cannot be sent, and UTF-8 has no place for it.
        return "\\ufffd"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def formatted(template: str, names: Mapping[str, str]) -> str:
    """A template with `{variables}` as source: an f-string, or a plain literal where it has none that is known.

    Args:
        template: text in which a variable stands in braces.
        names: the names in Python by those in the template; what is not there stays as it is.
    """
    pieces = _VARIABLE.split(template)
    if not any(name in names for name in pieces[1::2]):
        return literal(template)
    written: list[str] = []
    for at, piece in enumerate(pieces):
        if at % 2 and piece in names:
            written.append(f"{{{identifier(names[piece])}}}")
            continue
        text = f"{{{piece}}}" if at % 2 else piece
        for character in text:
            # Quotes are escaped by number, so that there is one way to write each text.
            escaped = "\\x22" if character == '"' else _escaped(character, '"')
            written.append(escaped * 2 if character in "{}" else escaped)
    return f'f"{"".join(written)}"'


def width(line: str) -> int:
    """How many columns a line takes."""
    if line.isascii():
        return len(line)
    return len(line) + sum(any(low <= ord(character) <= high for low, high in _WIDE) for character in line)


def prose(text: str) -> str:
    """Text for people: lines of visible characters, without blanks at their ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    lines = "".join(_visible(character) for character in text).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _visible(character: str) -> str:
    if character == "\n" or " " <= character <= "~":
        return character
    match unicodedata.category(character):
        case "Zl" | "Zp":
            return "\n"
        case "Cc" | "Zs":
            return " "
        case "Cf":
            return ""
        case "Cs":
            return "\ufffd"
        case _:
            return character


def _wrapped(line: str, columns: int) -> list[str]:
    if len(line) <= columns:
        return [line]
    content = line.lstrip()
    indent = line[: len(line) - len(content)]
    hanging = indent + ("  " if content.startswith(("- ", "* ", "+ ")) else "    " if _ENTRY.match(line) else "")
    if len(hanging) > columns // 2:
        indent = hanging = ""
    wrapped = textwrap.wrap(
        content,
        max(columns, 20),
        initial_indent=indent,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [part.rstrip() for part in wrapped] or [""]


def _joined(lines: list[str]) -> list[str]:
    """Lines of which those of a paragraph are one: where a document breaks them is of no meaning here.

    One that ends a sentence is left as it is. It may end a paragraph too, as it does in YAML's folded text.
    """
    joined: list[str] = []
    in_code = False
    goes_on = False
    for line in lines:
        is_fence = line.lstrip().startswith(("```", "~~~"))
        in_code ^= is_fence
        is_laid_out = in_code or is_fence or _LAYOUT.match(line) is not None
        if goes_on and not is_laid_out:
            joined[-1] = f"{joined[-1].rstrip()} {line.strip()}"
        else:
            joined.append(line)
        goes_on = not is_laid_out and not line.endswith((".", "!", "?", ":", "  "))
    return joined


def docstring(text: str, *, indent: int) -> list[str]:
    """A docstring as lines; none at all where there is nothing to say."""
    text = prose(text)
    if not text.strip():
        return []
    text = text.replace("\\", "\\\\").replace('"""', "'''")
    margin = " " * indent
    columns = LINE - indent
    source = _joined(text.split("\n"))
    source[0] = source[0].lstrip()
    first = (" " if source[0].startswith('"') else "") + source[0]
    if len(source) == 1 and len(first) + 6 <= columns:
        end = " " if first.endswith('"') else ""
        return [f'{margin}"""{first}{end}"""']
    lines = _wrapped(source[0], columns - 3)
    lines[0] = (" " if lines[0].startswith('"') else "") + lines[0]
    for line in source[1:]:
        lines.extend(_wrapped(line, columns))
    if len(lines) == 1:
        return [f'{margin}"""{lines[0]}{" " if lines[0].endswith(chr(34)) else ""}"""']
    # What all lines but the first have in front of them counts for nothing.
    lines[1:] = textwrap.dedent("\n".join(lines[1:])).split("\n")
    written = [f'{margin}"""{lines[0]}']
    written.extend(f"{margin}{line}" if line else "" for line in lines[1:])
    return [*written, f'{margin}"""']


def comment(text: str, *, indent: int) -> list[str]:
    """Comment lines; blanks in front of the text stay, as far as there is room."""
    text = prose(text)
    inside = min(len(text) - len(text.lstrip(" ")), LINE // 3)
    margin = " " * indent + "# " + " " * inside
    words = _MARKED.sub(r"\1", " ".join(text.split()))
    lines: list[str] = []
    for line in _wrapped(words, LINE - len(margin)):
        lines.append(f"{margin}- {line}" if _DIRECTIVE.match(line) else margin + line)
    return lines if words else []


def pointer_text(pointer: str) -> str:
    """A pointer on one line, as the URI fragment that it is: blanks and what cannot be seen are percent-encoded."""

    def encoded(character: str) -> str:
        if "!" <= character <= "~" or (not character.isascii() and character.isalnum()):
            return character
        return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))

    # Only the one before a pointer is a `#`; others could be read as a comment's own.
    return re.sub("#(?!/|$)", "%23", "".join(encoded(character) for character in pointer))
