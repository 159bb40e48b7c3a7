"""Breaks documents: one seed makes one broken document, always the same.

    structure   a value is removed, replaced, moved, renamed, wrapped, or made a reference
    schemas     a schema gets keywords that contradict, name nothing or lead back to itself
    text        the text of the document is cut, doubled, and has bytes in it that belong nowhere

What is put in fits the place more often than chance would have it: what is obviously wrong is found by the first check,
and what is almost right gets far.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, TypeAlias

__all__ = ["mutant"]

Path: TypeAlias = tuple[Any, ...]

NAMES: Final = (
    "", " ", "a b", "a/b", "a~b", "~1", "%2F", "a%zzb", "#", "$ref", "class", "def", "None", "self", "cls", "__init__", "__class__",
    "__slots__", "_x", "__x", "1", "1a", "-", "é", "ß", "ﬁ", "ªb", "日本", "😀", "a\u0301", "\u202e", "\0", "a\nb", '"', "'''", "\\",
    "{x}", "{", "}{", "str", "list", "int", "UNSET", "Struct", "Any", "dt", "field", "url", "options", "timeout", "model_config",
    "json", "copy", "connect", "send", "incoming", "Incoming", "Outgoing", "Connection", "_SERVER", "x" * 300, "type", "payload",
    "properties", "typing", "annotations", "\ufeff", "\x85", "true", "null", "0", "ＡＢ", "__debug__", "match", "print", "exec",
)  # fmt: skip
"""Keys and names that something may trip over."""

PATTERNS: Final = (
    "(", "[", "*", "a{99999999999}", "(a{1000}){1000}", "(?P<x>a)(?P<x>b)", "\\", "(?<=a*)b", "\\p{L}+", "^\\S+$", "(a+)+$", "(?i)a",
    "a(?i)", "\\u0041", "\\x", "\\Z\\z", "(?<n>a)", "[[:alpha:]]", "[^]", "[a-\\d]", "(" * 200 + ")" * 200, "\0", "\n", "\ud800", '"""', "'",
    "(?:a|b){2,1}", "a{,}", "\\1", "(?(1)a|b)", "/^a$/", "[\\s\\S]*", "a++", "(?>a)", "\\cA", "[a&&b]", "|" * 1000, "\\N{BULLET}", "$",
)  # fmt: skip

NUMBERS: Final[tuple[Any, ...]] = (
    -1, 0, 1, 2, -0.0, 0.5, -1.5, 1e-400, 1e308, 1e400, -1e400, float("nan"), 10**30, -(10**30), 10**400, 2**63, -(2**63) - 1, 2**64,
    1e-9, 3.0, True, False, "1", None, [], {},
)  # fmt: skip

VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1.5, 10**30, 1e308, float("nan"), "", "text", "#", "#/a", "#/", "#/channels", [], {}, [[]], [None], [{}], [3], [""],
    {"": None}, {"a": 1}, {"$ref": None}, {"$ref": 3}, {"$ref": ""}, {"$ref": "#"}, {"$ref": "#/none"}, {"$ref": "#/channels"},
    {"$ref": "#/components"}, {"$ref": "none.yaml"}, {"$ref": "none.yaml#/a"}, {"$ref": "https://a.test/b"}, {"$ref": "."}, {"$ref": "/"},
    {"$ref": "/dev/zero"}, {"$ref": "file:///etc/passwd"}, {"$ref": "%00"}, {"$ref": "#/%zz"}, {"$ref": "#/%ff"}, {"$ref": "#a"}, {"$ref": "a#b#c"},
    {"$ref": "\0"}, {"$ref": {"$ref": "#"}}, {"$ref": ["#"]}, {"$ref": "x" * 5000}, "\0", "\ud800", "x" * 20000, ["x"] * 500,
)  # fmt: skip

TYPES: Final[tuple[Any, ...]] = (
    "object", "array", "string", "integer", "number", "boolean", "null", "any", "file", "Object", "", None, 3, {}, [], ["string"],
    ["string", "null"], ["object", "array", "string", "integer", "number", "boolean", "null"], ["null"], ["null", "null"], ["integer", "number"],
    [None], [[]], ["object", "x"], {"$ref": "#"},
)  # fmt: skip

FORMATS: Final[tuple[Any, ...]] = (
    "date-time", "date", "time", "uuid", "byte", "binary", "int32", "int64", "float", "decimal", "email", "uri", "duration", "", "x", None, 3, [],
)  # fmt: skip

ENUMS: Final[tuple[Any, ...]] = (
    [], [None], [True, 1], [1, 1.0], [0, False, None, ""], [{}], [[1]], ["a", "a"], ["a", 1, None], [1.5], [float("nan")], [10**30],
    ["\ud800"], ["\0", "\n", '"', "'", "\\"], [""], ["a"] * 3, [f"v{n}" for n in range(2000)], [-1, 2**63, 2**64], "a", 3, None, {}, {"a": 1},
    ["é", "e\u0301"], ["null", "true"], [[], {}, "a"],
)  # fmt: skip

EMPTY: Final[dict[str, Any]] = {}

KEYWORDS: Final[Mapping[str, tuple[Any, ...]]] = {
    "type": TYPES,
    "format": FORMATS,
    "enum": ENUMS,
    "const": ("a", "", None, 0, 1, 1.0, True, 1.5, [], {}, [1], {"a": 1}, 10**30, "\ud800", "\0", "x" * 1000, '"', "'\n"),
    "pattern": (*PATTERNS, 3, None, []),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), NUMBERS),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), NUMBERS),
    "required": ([], {}, ["type"], ["none"], [None], [3], ["a", "a"], True, False, "type", None, ["\0"]),
    "properties": ([], {}, None, 3, {"a": None}, {"a": True}, {"a": False}, {"a": 3}, {"a": []}, {"": {}}, {"a": {}, "A": {}, "a_": {}, "a-": {}},
                   {"type": {"const": "a"}}, {"type": {"enum": []}}, {"type": {"const": None}}, {"class": {}, "class_": {}},
                   {name: {"type": "string"} for name in NAMES}),
    "items": ([], {}, None, True, False, 3, [{}], [[]], [None], [True], {"type": "object"}, [{"type": "string"}] * 50),
    "prefixItems": ([], [{}], [{"type": "string"}], None, {}, 3, [None], [True, False]),
    **dict.fromkeys(("oneOf", "anyOf", "allOf"), (
        [], [{}], [None], [3], [[]], [True], [False], [{}, {}], [{"type": "null"}], [{"type": "string"}, {"type": "string"}], {}, None, 3,
        [{"type": "object", "properties": {"a": {}}}, {"type": "object", "properties": {"a": {}}}], [{"type": "array"}, {"type": "array", "items": {}}],
        [{"const": "a"}, {"const": 1}, {"type": "string"}], [{"type": "integer"}, {"type": "number"}], [{"not": {}}], [{"$ref": "#/none"}],
        [{"type": "object", "additionalProperties": {"type": "string"}}, {"type": "object", "properties": {"b": {}}, "required": ["b"]}],
        [{"type": "string", "format": "date-time"}, {"type": "string", "format": "uuid"}, {"type": "string"}],
    )),
    "not": ({}, True, False, None, {"const": 1}, []),
    "if": ({}, None, 3), "then": ({}, None), "else": ({}, [], None),
    "additionalProperties": (True, False, {}, {"type": "string"}, None, 3, [], {"$ref": "#/none"}),
    "patternProperties": ({}, {"(": {}}, {"": {}}, {"^a": None}, [], None, {"^a$": {"type": "object", "properties": {"x": {}}}}),
    "additionalItems": (True, False, {}, {"type": "string"}, None),
    "discriminator": ("type", "none", "", None, 3, [], {}, {"propertyName": "type"}, {"propertyName": "none"}, {"propertyName": None},
                      {"propertyName": "type", "mapping": {"a": "#/none", "b": 3}}, {"propertyName": "pet", "mapping": []}, "\0"),
    "default": (None, 1, "a", [], {}, float("nan"), "\ud800", '"""', True),
    "example": (None, 1, "a", [], {}), "examples": ([], {}, None, [None], [1], "a", [{"payload": 3}], [{"payload": None}], [[]]),
    "nullable": (True, False, None, "true"), "deprecated": (True, "x", None), "description": ("x", "", None, 3, [], '"""', "x" * 5000, "\0\\"),
    "title": ("x", "", None, 3, "class", "1", "日本", "\0"), "$id": ("x", None, "http://a.test/b", "#a"), "$schema": ("x", None),
    "$defs": ({}, None, []), "definitions": ({}, None, {"a": {"$ref": "#"}}), "$anchor": ("a", None), "$dynamicRef": ("#a",),
    "unevaluatedProperties": (False,), "dependentRequired": ({"a": ["b"]},), "uniqueItems": (True, None), "contentEncoding": ("base64", None),
    "x-typedws-name": ("Good", "class", "1", "", None, 3, "a b", "str", "Incoming", "\0", "é", "X" * 300, "Connection", "__x"),
    # Beyond schemas.
    "asyncapi": ("2.0.0", "2.6.0", "3.0.0", "3.1.0", "3.9.9", "1.2.0", "4.0.0", "3", 3.0, 3, None, "", "x", []),
    "action": ("send", "receive", "x", None, 3), "address": (None, "", "/", "{", "{a", "{}", "/{a}/{a}", "/{a b}", "a?b=c", "a#b", "//x", "\0", 3, "/a/../b", "x" * 3000, "ws://h/p"),
    "host": ("", "a", "{x}", "{", "ws://a", "a/b", "a:b", "a:99999", "[::1", "\0", "é.test", "a b", 3, None, "user:pw@h", "{x}{y}", "a?b", "a#b"),
    "url": ("", "a", "ws://", "wss://{x}", "http://a", "://", "\0", 3, None, "ws://a/{b}?c=d#e", "ws://[", "{u}"),
    "pathname": ("", "/", "a", "/{x}", "{", "?", "#", "\0", 3, None, "//"), "protocol": ("ws", "wss", "mqtt", "", None, 3, "WSS", "kafka-secure"),
    "contentType": ("application/json", "application/msgpack", "application/cbor", "application/octet-stream", "text/plain", "audio/pcm", "", "x", None, 3,
                    "application/json; charset=utf-8", "application/vnd.x+json", "application/xml", "application/x-protobuf", "application/avro"),
    "defaultContentType": ("application/cbor", "application/msgpack", "text/plain", "application/octet-stream", "", None, 3, "x"),
    "schemaFormat": ("application/vnd.aai.asyncapi;version=3.0.0", "application/vnd.apache.avro;version=1.9.0", "application/schema+json;version=draft-07", "x", None, 3),
    "location": ("$message.payload#/id", "$message.header#/id", "$message.payload#/none/0", "", "x", None, 3, "$message.payload#", "$message.payload#/"),
    "in": ("query", "header", "cookie", "user", "x", None), "scheme": ("bearer", "basic", "digest", "", None), "name": (*NAMES, None, 3, []),
    "x-typedws-perspective": ("client", "server", "x", None), "x-typedws-socket": ("shared", "", None, 3, "\0"),
    "x-typedws-discriminator": ("trial", "/type", "/", "", "/a/0/b", "none", None, 3, "/\0", "/0", "~"), "x-typedws-reply": ("in-order", "x", None),
    "messages": ({}, [], None, [None], [{}], [{"$ref": "#/components/messages/trade"}], {"": {}}, {"a": None}, {"a": {}}), "message": ({}, [], None, {"oneOf": []}, {"oneOf": [{}]}),
    "payload": ({}, True, False, None, [], 3, {"type": "string"}, {"schema": {}, "schemaFormat": "x"}), "channel": ({}, None, {"$ref": "#/channels/none"}, "feed"),
    "reply": ({}, None, [], {"messages": []}, {"channel": {"$ref": "#/none"}}, {"address": {"location": "$message.header#/r"}}), "security": ([], {}, None, [None], [{}], [{"none": []}]),
    "bindings": ({}, None, [], {"ws": None}, {"ws": []}, {"ws": {"query": True}}, {"ws": {"query": {"type": "string"}}}, {"ws": {"headers": {"properties": {"a": None}}}}),
    "parameters": ({}, None, [], {"": {}}, {"a": None}, {"a": {"enum": []}}, {"a": {"schema": None}}, {"a": {"default": 3}}),
    "variables": ({}, None, [], {"region": None}, {"region": {"enum": [], "default": "x"}}, {"region": {"enum": [1, None], "default": 2}}),
    "traits": ({}, [], None, [None], [{}], [{"$ref": "#/none"}], [{"payload": {"type": "null"}}]), "operations": ({}, None, []), "channels": ({}, None, []), "servers": ({}, None, []),
    "correlationId": ({}, None, {"location": None}, "x"), "headers": ({}, None, {"type": "object", "properties": {"a": {"type": "string"}}}), "query": ({}, None, True),
}  # fmt: skip
"""What may stand behind a key, from right to absurd."""

SCHEMA_KEYS: Final = tuple(KEYWORDS)[: tuple(KEYWORDS).index("asyncapi")]
_SIGNS: Final = frozenset({"type", "properties", "items", "enum", "const", "oneOf", "anyOf", "allOf", "format"})


_DEEPEST: Final = 200
"""Deeper documents are made elsewhere, as text: copying these takes Python's own stack."""


def mutant(original: dict[str, Any], others: list[dict[str, Any]], seed: int | str) -> tuple[str, bytes]:
    """The name and the text of a broken document.

    Args:
        original: the document.
        others: documents that parts are taken from.
        seed: which of them.
    """
    chance = random.Random(f"mutant {seed}")
    value = copy.deepcopy(original)
    for _ in range(chance.choice((1, 1, 2, 3, 5, 9))):
        change = chance.choices(_CHANGES, _WEIGHTS)[0]
        # A change in two steps may take away with the first what the second is about.
        with suppress(KeyError, IndexError, TypeError, AttributeError):
            change(value, others, chance)
        if max(map(len, places(value)), default=0) > _DEEPEST:
            break
    text = json.dumps(value, indent=chance.choice((None, 1, 1)), ensure_ascii=chance.random() < 0.7)
    data = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.12:
        for _ in range(chance.randint(1, 4)):
            data = _broken_text(data, chance)
    # JSON is YAML as well, nearly, and then goes another way.
    return chance.choice(("api.json", "api.json", "api.json", "api.yaml")), data


# Places.


def places(value: Any) -> list[Path]:
    """Every place below a value."""
    found: list[Path] = []
    pending: list[tuple[Path, Any]] = [((), value)]
    while pending:
        path, here = pending.pop()
        inner = here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ()
        for key, each in inner:
            found.append((*path, key))
            pending.append(((*path, key), each))
    return found


def at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def pointer(path: Path) -> str:
    return "#" + "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in path)


def _place(value: Any, chance: random.Random, *, only: type | None = None) -> Path:
    """Some place; near the top as often as deep down."""
    found = places(value)
    if only is not None:
        found = [path for path in found if isinstance(at(value, path), only)]
    if not found:
        return ()
    depth = chance.randint(1, max(map(len, found)))
    return chance.choice([path for path in found if len(path) <= depth] or found)


def _schema(value: Any, chance: random.Random) -> dict[str, Any]:
    """Some schema; some object where there is none."""
    found = [each for path in places(value) if isinstance(each := at(value, path), dict)]
    schemas = [each for each in found if _SIGNS & each.keys()]
    return chance.choice(schemas or found or [value])


def _schema_places(value: Any) -> list[Path]:
    return [path for path in places(value) if isinstance(each := at(value, path), dict) and _SIGNS & each.keys()]


def _put(value: Any, path: Path, new: Any) -> None:
    if path:
        at(value, path[:-1])[path[-1]] = copy.deepcopy(new)


def _nasty(key: object, chance: random.Random) -> Any:
    fitting = KEYWORDS.get(key) if isinstance(key, str) else None
    return chance.choice(fitting if fitting and chance.random() < 0.7 else VALUES)


# Changes.


def _remove(value: Any, others: list[Any], chance: random.Random) -> None:
    path = _place(value, chance)
    if path:
        del at(value, path[:-1])[path[-1]]


def _replace(value: Any, others: list[Any], chance: random.Random) -> None:
    path = _place(value, chance)
    if path:
        _put(value, path, _nasty(path[-1], chance))


def _set_keyword(value: Any, others: list[Any], chance: random.Random) -> None:
    key = chance.choice(SCHEMA_KEYS)
    _schema(value, chance)[key] = copy.deepcopy(chance.choice(KEYWORDS[key]))


def _set_known_key(value: Any, others: list[Any], chance: random.Random) -> None:
    path = _place(value, chance, only=dict)
    key = chance.choice(tuple(KEYWORDS))
    at(value, path)[key] = copy.deepcopy(_nasty(key, chance))


def _rename(value: Any, others: list[Any], chance: random.Random) -> None:
    here = at(value, _place(value, chance, only=dict))
    if here:
        old = chance.choice(list(here))
        new = chance.choice(NAMES)
        renamed = {new if key == old else key: each for key, each in here.items()}
        here.clear()
        here.update(renamed)


def _add_named(value: Any, others: list[Any], chance: random.Random) -> None:
    """Something that is there already, once more and under a bad name beside it."""
    here = at(value, _place(value, chance, only=dict))
    if here:
        here[chance.choice(NAMES)] = copy.deepcopy(here[chance.choice(list(here))])


def _refer(value: Any, others: list[Any], chance: random.Random) -> None:
    path, target = _place(value, chance), _place(value, chance)
    if path and target:
        reference: dict[str, Any] = {"$ref": pointer(target)}
        if chance.random() < 0.2:
            key = chance.choice(SCHEMA_KEYS)
            reference[key] = chance.choice(KEYWORDS[key])
        _put(value, path, reference)


def _refer_among_schemas(value: Any, others: list[Any], chance: random.Random) -> None:
    found = _schema_places(value)
    if found:
        _put(value, chance.choice(found), {"$ref": pointer(chance.choice(found))})


def _circle(value: Any, others: list[Any], chance: random.Random) -> None:
    """Two schemas that are made of each other; or one of itself."""
    found = _schema_places(value)
    if not found:
        return
    one, other = chance.choice(found), chance.choice(found)
    for here, there in ((one, other), (other, one)):
        reference = {"$ref": pointer(there)}
        keyword = chance.choice(
            ("oneOf", "anyOf", "allOf", "$ref", "items", "additionalProperties", "not", "properties")
        )
        made: dict[str, Any]
        match keyword:
            case "$ref":
                made = reference
            case "items" | "additionalProperties" | "not":
                made = {keyword: reference}
            case "properties":
                made = {"properties": {"me": reference}, "required": ["me"]}
            case _:
                made = {keyword: chance.choice(([reference], [reference, {"type": "string"}], [reference, reference]))}
        if chance.random() < 0.5:
            at(value, here).update(made)
        else:
            _put(value, here, made)


def _wrap(value: Any, others: list[Any], chance: random.Random) -> None:
    path = _place(value, chance)
    if path:
        here = at(value, path)
        _put(value, path, chance.choice((
            [here], {"a": here}, {"allOf": [here]}, {"oneOf": [here, here]}, {"anyOf": [here, {"type": "null"}]}, {"schema": here},
            {"payload": here}, {"type": "array", "items": here}, [here, here], {"allOf": [here, here]}, {"$ref": here}, str(here)[:500],
            {"type": "object", "properties": {"x": here}, "required": ["x"]}, {"not": here}, {"schemaFormat": "x", "schema": here},
        )))  # fmt: skip


def _deepen(value: Any, others: list[Any], chance: random.Random) -> None:
    path = _place(value, chance)
    if not path:
        return
    here = at(value, path)
    if len(json.dumps(here)) > 5000:
        return
    for _ in range(chance.choice((3, 10, 30, 70, 100))):
        here = chance.choice(
            ({"allOf": [here]}, {"type": "array", "items": here}, {"properties": {"x": here}}, {"oneOf": [here]})
        )
    at(value, path[:-1])[path[-1]] = here


def _move(value: Any, others: list[Any], chance: random.Random) -> None:
    source = chance.choice([value, *others])
    path = _place(value, chance)
    part = at(source, _place(source, chance))
    if path and len(json.dumps(part)) < 20000:
        _put(value, path, part)


def _move_schema(value: Any, others: list[Any], chance: random.Random) -> None:
    here, there = _schema(value, chance), _schema(chance.choice([value, *others]), chance)
    new = copy.deepcopy(there)
    if len(json.dumps(new)) < 20000:
        if chance.random() < 0.5:
            here.clear()
        here.update(new)


def _swap(value: Any, others: list[Any], chance: random.Random) -> None:
    one, other = _place(value, chance), _place(value, chance)
    if one and other and one[: len(other)] != other and other[: len(one)] != one:
        first, second = at(value, one), at(value, other)
        _put(value, one, second)
        _put(value, other, first)


def _change_list(value: Any, others: list[Any], chance: random.Random) -> None:
    path = _place(value, chance, only=list)
    if path:
        here = at(value, path)
        match chance.randrange(4):
            case 0:
                here.extend(copy.deepcopy(here[:200]))
            case 1:
                chance.shuffle(here)
            case 2:
                here.insert(0, copy.deepcopy(chance.choice(VALUES)))
            case _:
                here.clear()


def _change_text(value: Any, others: list[Any], chance: random.Random) -> None:
    path = _place(value, chance, only=str)
    if path:
        here = at(value, path)
        spot = chance.randint(0, len(here))
        _put(value, path, chance.choice((
            here[:spot], here[:spot] + chance.choice(NAMES) + here[spot:], here[spot:], here * 2, here.upper(), here + "/x", here + "~", f" {here} ",
            here.replace("/", "~1"), here.replace("/", "//"), f"{{{here}}}", here[::-1], here + "\0", here + '"""\n', here.replace("a", "\u0430"),
        )))  # fmt: skip


def _multiply(value: Any, others: list[Any], chance: random.Random) -> None:
    """Many of something."""
    path = _place(value, chance, only=dict)
    here = at(value, path)
    if here:
        key = chance.choice(list(here))
        if len(json.dumps(here[key])) < 1500:
            for number in range(chance.choice((5, 40))):
                here[f"{key}{chance.choice(('', '_', ' ', '-'))}{number}"] = copy.deepcopy(here[key])


_Change: TypeAlias = Callable[[Any, list[Any], random.Random], None]
_WEIGHED: Final[tuple[tuple[_Change, int], ...]] = (
    (_remove, 8), (_replace, 14), (_set_keyword, 16), (_set_known_key, 6), (_rename, 6), (_add_named, 4), (_refer, 5),
    (_refer_among_schemas, 6), (_circle, 6), (_wrap, 6), (_deepen, 2), (_move, 5), (_move_schema, 6), (_swap, 4), (_change_list, 3),
    (_change_text, 6), (_multiply, 2),
)  # fmt: skip
_CHANGES: Final = [change for change, _ in _WEIGHED]
_WEIGHTS: Final = [weight for _, weight in _WEIGHED]

# Text.

_BYTES: Final = (
    b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1b", b"\x85", b"\xe2\x80\xa8", b"\t", b"\r", b"\n", b'"', b"'", b"\\",
    b"{", b"}", b"[", b"]", b":", b",", b"#", b"&a ", b"*a", b"<<: ", b"!!python/object/apply:os.system ", b"!!binary ", b"---\n", b"...\n", b"%YAML 1.1\n",
    b"NaN", b"Infinity", b"1e999", b"9" * 500, b"//", b"/*", b"\\ud800", b"\\u0000", b"? ", b"| ", b"> ", b"- ",
)  # fmt: skip


def _broken_text(data: bytes, chance: random.Random) -> bytes:
    start = chance.randint(0, len(data))
    end = min(len(data), start + chance.choice((1, 1, 2, 10, 100)))
    match chance.randrange(6):
        case 0:
            return data[:start] + data[end:]
        case 1:
            return data[:end] + data[start:]
        case 2:
            return data[:start]
        case 3:
            lines = data.split(b"\n")
            chance.shuffle(lines) if len(lines) < 4 else lines.insert(
                chance.randrange(len(lines)), chance.choice(lines)
            )
            return b"\n".join(lines)
        case _:
            return data[:start] + chance.choice(_BYTES) + data[end if chance.random() < 0.3 else start :]
