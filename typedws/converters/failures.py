"""The one place where a failure of a converter is put into words.

Whatever goes wrong while a frame is read or a value is written leaves a converter as one of our errors, with the
library's own error as `__cause__`. The text is made here, from parts that the program itself wrote (names of types and
fields) and from fixed words: a payload may hold a password, and error texts end up in logs. msgspec quotes the payload
in a few of its messages (an unknown tag, an invalid enum value, an unknown field), and so does nearly everything that a
validator of the user's may raise; there the words stay away and the place stays.
"""

from __future__ import annotations

import re
import sys
import types
from typing import Annotated, Any, Final, Union, get_args, get_origin

import msgspec

from typedws.errors import DeserializeError, SerializeError, UnsupportedTypeError
from typedws.frames import BinaryFrame, DataFrame, Frame, TextFrame

__all__ = ["Malformed", "Refused", "cause_of", "describe", "not_applicable", "refusal", "unsupported", "unwritable"]

MAX_NAME: Final = 120
MAX_TEXT: Final = 600
"""Characters of a type's name, and of a whole text. Names that code was generated for can be long, and many."""


class Refused(ValueError):
    """Refused by a check of ours, or by pydantic, in words that hold nothing of the payload."""


class Malformed(Refused):
    """Refused because it is not the format that it should be."""


def describe(type_form: Any) -> str:
    """A short name for a type form, as it would be written where its classes are imported."""
    try:
        name = _spell(type_form)
    except Exception:  # a form that is no type may have any repr
        name = f"a {type(type_form).__name__}"
    return _cut(name, MAX_NAME)


def cause_of(error: Exception) -> BaseException | None:
    """What to show as `__cause__` for `error`; for a `Refused`, which is words, the error of the library behind it."""
    return error.__cause__ if isinstance(error, Refused) else error


def not_applicable(frame: Frame, type_form: Any, *, reader: str) -> DeserializeError:
    """The error for a frame that cannot be read whatever its payload is.

    Args:
        frame: the frame.
        type_form: the type asked for.
        reader: who reads what, as in "CBORConverter reads binary frames".
    """
    name = describe(type_form)
    if not isinstance(frame, TextFrame | BinaryFrame):
        return DeserializeError(
            f"a {type(frame).__name__} carries no {name}: {reader}", frame=frame, type_form=type_form
        )
    kind = "text" if isinstance(frame, TextFrame) else "binary"
    if not frame.fin:
        text = f"a fragment of a {kind} message (fin=False) carries no {name}: join the fragments first"
    else:
        text = f"a {kind} frame carries no {name} here: {reader}"
    return DeserializeError(text, frame=frame, type_form=type_form)


def refusal(error: Exception, frame: DataFrame, type_form: Any, *, wire_format: str) -> DeserializeError:
    """The error for reading `frame` when that ended in `error`."""
    where = f"the {'text' if type(frame) is TextFrame else 'binary'} frame ({len(frame.data)} bytes)"
    if isinstance(error, UnicodeDecodeError):
        text = f"{where} is not valid {wire_format}: a string in it is not UTF-8"
    elif isinstance(error, RecursionError):
        text = f"{where} is nested too deeply"
    elif isinstance(error, MemoryError):
        text = f"there is no memory left to read {where}"
    elif isinstance(error, Malformed) or (
        isinstance(error, msgspec.DecodeError) and not isinstance(error, msgspec.ValidationError)
    ):
        text = f"{where} is not valid {wire_format}: {MALFORMED.sub('', str(error), count=1)}"
    else:
        text = f"{where} is not {_with_article(describe(type_form))}: {_explain(error)}"
    return DeserializeError(_cut(text), frame=frame, type_form=type_form)


def unwritable(error: Exception, value: object, *, wire_format: str) -> SerializeError:
    """The error for writing `value` when that ended in `error`."""
    if isinstance(error, UnicodeEncodeError):
        text = "a string has a lone surrogate, which UTF-8 cannot carry"
    elif isinstance(error, RecursionError):
        text = "it is nested too deeply, or contains itself"
    elif isinstance(error, Refused):
        text = str(error)
    elif type(error) is OverflowError and str(error).startswith("can't serialize ints"):
        text = f"an int in it has more than the 64 bits of {wire_format}: send it as text, or use JSON"
    elif type(error) is ValueError and str(error).startswith("Exceeds the limit ("):
        text = (
            f"an int in it has more than {sys.get_int_max_str_digits()} digits, which Python does not turn into text: "
            "send it as bytes, or in hexadecimal"
        )
    elif type(error) is TypeError and str(error).startswith("Encoding objects of type "):
        text = str(error)
    else:
        text = f"{type(error).__name__} was raised"
    return SerializeError(_cut(f"this {describe(type(value))} cannot be written as {wire_format}: {text}"))


def unsupported(error: Exception, type_form: Any, *, library: str) -> UnsupportedTypeError:
    """The error for a type that no decoder could be built for, because of `error`."""
    try:
        text = str(error).partition("\n")[0]  # pydantic goes on with a page of advice
    except Exception:
        text = type(error).__name__
    return UnsupportedTypeError(_cut(f"{library} cannot read {describe(type_form)}: {text}"))


MALFORMED: Final = re.compile(r"\A(?:JSON|MessagePack data) is malformed: ")
"""How msgspec begins what it says of a payload that we have just called no valid JSON or MessagePack."""

FIXED: Final = re.compile(
    r"(?:Number out of range|(?:Integer value|Timestamp|Duration) (?:is )?out of range|Invalid UUID(?: bytes)?"
    r"|Invalid decimal string|Invalid epoch timestamp|Invalid ISO8601 duration|Invalid RFC3339 encoded \w+"
    r"|Invalid base64 encoded string|Invalid MessagePack timestamp[a-z: ]*|Only units [DHMSand', ]+ are supported[\w ]*"
    r"|Expected `.*|Object missing required field `.*)(?: - at `.*`)?",
    re.DOTALL,
)
"""The messages of msgspec that speak of types, of declared names and of places only."""

QUOTING: Final = re.compile(r"Invalid enum value|Invalid value|Object contains unknown field")
"""How the others begin, which go on with something out of the payload."""

PLACE: Final = " - at "
"""What stands before the place, at the end of msgspec's messages, as in " - at `$.items[3].price`"."""


def _explain(error: Exception) -> str:
    if not isinstance(error, Refused | msgspec.ValidationError):
        return f"{type(error).__name__} was raised while reading it"
    text = str(error)
    reason = error.__cause__
    if isinstance(error, Refused):
        return text
    if isinstance(reason, Refused):
        return text
    if reason is not None:
        # A `dec_hook` or `__post_init__` raised it. msgspec keeps its words, which are anyone's, and appends the place.
        said = str(reason)
        place = text[len(said) :] if text.startswith(said) else ""
        return f"refused by the type's own check ({type(reason).__name__}){place}"
    if FIXED.fullmatch(text):
        return text
    quoting = QUOTING.match(text)
    if quoting is None:
        return "refused by the type's own check"
    # A place ends in a backtick, and what is quoted without a place does not; only a field's name does.
    has_place = text.endswith("`") and not text.startswith("Object")
    return quoting[0] + (PLACE + text.rpartition(PLACE)[2] if has_place else "")


def _with_article(name: str) -> str:
    if name.startswith("a "):
        return name
    # A "u" is a vowel, but for "UUID", "Unit", "User", "utility" and their like.
    return f"an {name}" if re.match(r"[aeioAEIO]|[uU](?![A-Z]|ni|s|t)", name) else f"a {name}"


def _spell(form: Any) -> str:
    origin, arguments = get_origin(form), get_args(form)
    if origin is Annotated:
        return _spell(arguments[0])
    if origin in (Union, types.UnionType):
        return " | ".join(_spell(argument) for argument in arguments)
    if form is None or form is types.NoneType:
        return "None"
    if isinstance(origin, type):
        return f"{origin.__name__}[{', '.join(_spell(argument) for argument in arguments)}]"
    if isinstance(form, type):
        return form.__name__
    return "..." if form is ... else repr(form).removeprefix("typing.")


def _cut(text: str, length: int = MAX_TEXT) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."
