"""YAML files, by the core schema of YAML 1.2: `yes`, `no`, `on` and dates are text, as API documents mean them.

ruamel.yaml parses; values are built here from its events, for four things that its own constructor does not do: keys
keep the text they are written with, every value has a line, the size of what aliases repeat is counted before anybody
walks through it, and nothing but plain data can come out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from typedws.schema.document.kinds import is_array, is_object
from typedws.schema.document.limits import MAX_DEPTH, MAX_EVENTS, MAX_REMARKS, MAX_TAG, MAX_VALUES
from typedws.schema.document.places import Complaint, Parsed, Place, Remark
from typedws.schema.document.yaml_scalars import scalar

__all__ = ["EventBudget", "parse_yaml"]

_STANDARD: Final = "tag:yaml.org,2002:"
_LONG_TAG: Final = re.compile(rf"(?:^|[\s\[{{,])[!&*]\S{{{MAX_TAG}}}")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class EventBudget:
    """How many more keys and values may be read, from all files of a document together."""

    def __init__(self) -> None:
        self.left = MAX_EVENTS


@dataclass(slots=True)
class _Built:
    """A value, its place, how many values it holds, how deep it is, and its text where it is a scalar."""

    value: Any
    place: Place
    size: int = 1
    height: int = 0
    text: str | None = None


@dataclass(slots=True)
class _Open:
    """An object or array whose end has not come yet."""

    value: dict[str, Any] | list[Any]
    place: Place
    anchor: str | None
    size: int = 1
    height: int = 1
    key: str | None = None
    key_line: int = 0
    key_is_merge: bool = False
    merged: list[_Built] = field(default_factory=list[_Built])


def parse_yaml(text: str, budget: EventBudget) -> Parsed:
    """Reads YAML.

    Raises:
        Complaint: it is no YAML, or too much of it, or holds what JSON cannot express.
    """
    long = _LONG_TAG.search(text)
    if long is not None:
        raise Complaint(
            f"a tag or anchor has more than {MAX_TAG:,} characters", text.count("\n", 0, long.start() + 1) + 1
        )
    builder = _Builder()
    for event in _events(text):
        budget.left -= 1
        if budget.left < 0:
            raise Complaint(
                f"there are more than {MAX_EVENTS:,} keys and values of YAML; convert the files to JSON, which is "
                "read much faster"
            )
        builder.take(event)
    root = builder.root
    if root is None:
        raise Complaint("the file is empty")
    return Parsed(root.value, lambda: root.place, builder.remarks)


def _events(text: str) -> Iterator[Any]:
    # Half the time that a command takes to start would go into this import, for documents that are JSON.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    parser: Any = YAML(typ="safe", pure=True)
    try:
        yield from parser.parse(text)
    except MarkedYAMLError as error:
        raise _marked(error) from None
    except ReaderError as error:
        raise _unacceptable(error, text) from None
    except YAMLError as error:
        raise Complaint(f"this is no YAML: {error}") from None
    except (
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
        ArithmeticError,
        AssertionError,
        RecursionError,
    ) as error:
        # The parser was written for text that people write: the escape "\UFFFFFFFF" ends in an error of `chr`.
        raise Complaint(f"this is no YAML that can be read ({type(error).__name__}: {error})") from None


def _marked(error: Any) -> Complaint:
    mark = error.problem_mark or error.context_mark
    what = ", ".join(" ".join(str(part).split()) for part in (error.context, error.problem) if part)
    return Complaint(f"this is no YAML: {what}", None if mark is None else int(mark.line) + 1)


def _unacceptable(error: Any, text: str) -> Complaint:
    character = error.character
    code = character if isinstance(character, int) else ord(character)
    return Complaint(f"the character U+{code:04X} may not stand in YAML", text.count("\n", 0, error.position) + 1)


class _Builder:
    def __init__(self) -> None:
        self.root: _Built | None = None
        self.remarks: list[Remark] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Built | None] = {}
        self._documents = 0

    def take(self, event: Any) -> None:
        line = int(event.start_mark.line) + 1
        match type(event).__name__:
            case "ScalarEvent":
                self._scalar(event, line)
            case "AliasEvent":
                self._alias(event, line)
            case "MappingStartEvent":
                self._open({}, event, line)
            case "SequenceStartEvent":
                self._open([], event, line)
            case "MappingEndEvent" | "SequenceEndEvent":
                self._close(line)
            case "DocumentStartEvent":
                self._documents += 1
                if self._documents > 1:
                    raise Complaint("the file holds more than one YAML document; keep one in each file", line)
            case _:
                pass

    def _scalar(self, event: Any, line: int) -> None:
        text = str(event.value)
        tag = event.tag
        top = self._stack[-1] if self._stack else None
        if _SURROGATE.search(text):
            raise Complaint("the text has half of a surrogate pair, which is no character", line)
        plain = event.style is None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            top.key, top.key_line, top.key_is_merge = text, line, text == "<<" and plain and tag is None
            if event.anchor is not None:
                self._anchors[str(event.anchor)] = _Built(text, Place(line), text=text)
            return
        # An empty value stands at the end of its key's line, or of what follows it: its line is its key's.
        self._add(_Built(self._value(text, tag, plain, line), Place(line), text=text), event.anchor, line)

    def _value(self, text: str, tag: Any, plain: bool, line: int) -> Any:
        if tag is not None:
            name = str(tag).removeprefix(_STANDARD) if str(tag).startswith(_STANDARD) else str(tag)
            if name in ("str", "!"):
                return text
            if name in ("int", "float", "bool", "null"):
                value = scalar(text, line)
                if name == "float" and isinstance(value, int) and not isinstance(value, bool):
                    value = float(value) if len(text) < 300 else value
                kind = {"int": int, "float": float, "bool": bool, "null": type(None)}[name]
                if type(value) is not kind:
                    raise Complaint(f"{text[:40]!r} is not a value of the YAML tag !!{name}", line)
                return value
            self._unknown_tag(name)
        return scalar(text, line) if plain else text

    def _unknown_tag(self, name: str) -> None:
        self._remark("unknown-tag", f"the YAML tag {name[:60]!r} means nothing here; the value is taken without it")

    def _alias(self, event: Any, line: int) -> None:
        name = str(event.anchor)
        if name not in self._anchors:
            raise Complaint(f"the YAML alias *{name[:60]} has no anchor", line)
        built = self._anchors[name]
        if built is None:
            raise Complaint(f"the YAML alias *{name[:60]} stands inside of what it stands for", line)
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            if built.text is None:
                raise Complaint("a key is text, not an object or array", line)
            top.key, top.key_line, top.key_is_merge = built.text, line, False
            return
        self._add(built, None, line)

    def _open(self, value: dict[str, Any] | list[Any], event: Any, line: int) -> None:
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            raise Complaint("a key is text, not an object or array", line)
        if len(self._stack) >= MAX_DEPTH:
            raise Complaint(f"objects and arrays are nested more than {MAX_DEPTH} deep", line)
        anchor = None if event.anchor is None else str(event.anchor)
        if anchor is not None:
            self._anchors[anchor] = None
        self._stack.append(_Open(value, Place(line), anchor))
        tag = event.tag
        standard = (_STANDARD + "map", _STANDARD + "seq", "!")
        if tag is not None and str(tag) not in standard:
            self._unknown_tag(str(tag).removeprefix(_STANDARD))

    def _close(self, line: int) -> None:
        done = self._stack.pop()
        if isinstance(done.value, dict) and done.merged:
            self._merge(done)
        self._add(_Built(done.value, done.place, done.size, done.height), done.anchor, line)

    def _merge(self, done: _Open) -> None:
        """Puts in what `<<` names: a key of the object itself wins, then that of the first object named."""
        assert isinstance(done.value, dict)
        own = dict(done.value)
        done.value.clear()
        for built in done.merged:
            for key, value in built.value.items():
                if key not in done.value:
                    done.value[key] = value
                    if key not in own:
                        done.place.members[key] = built.place.members[key]
        done.value.update(own)

    def _add(self, built: _Built, anchor: Any, line: int) -> None:
        if anchor is not None:
            self._anchors[str(anchor)] = built
        if not self._stack:
            self.root = built
            return
        top = self._stack[-1]
        top.size += built.size
        # What is merged does not stand inside.
        top.height = max(top.height, built.height + (0 if top.key_is_merge else 1))
        if top.size > MAX_VALUES:
            raise Complaint(f"YAML aliases make this more than {MAX_VALUES:,} values", line)
        if len(self._stack) + built.height > MAX_DEPTH:
            raise Complaint(f"objects and arrays are nested more than {MAX_DEPTH} deep", line)
        if isinstance(top.value, list):
            top.place.members[len(top.value)] = built.place
            top.value.append(built.value)
            return
        key = top.key
        assert key is not None
        if top.key_is_merge:
            self._take_merge(top, built, line)
        else:
            if key in top.value:
                self._remark("duplicate-key", f"the key {key!r} stands here twice; the last one is taken")
            top.value[key] = built.value
            place = Place(top.key_line)
            place.members = built.place.members
            top.place.members[key] = place
        top.key = None

    def _take_merge(self, top: _Open, built: _Built, line: int) -> None:
        if is_object(built.value):
            top.merged.append(built)
        elif is_array(built.value) and all(is_object(each) for each in built.value):
            top.merged += (_Built(each, built.place.members[n]) for n, each in enumerate(built.value))
        else:
            raise Complaint("the merge key << takes an object or an array of objects", line)

    def _remark(self, code: str, message: str) -> None:
        path: list[str | int] = []
        for each in self._stack:
            if isinstance(each.value, list):
                path.append(len(each.value))
            elif each.key is not None:
                path.append(each.key)
        if len(self.remarks) < MAX_REMARKS:
            self.remarks.append(Remark(code, message, "", tuple(path)))
