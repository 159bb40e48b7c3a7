"""Documents that are made to take all the time and memory there is. Run as a program, it says what becomes of each.

Each is small to write down; what is large is what somebody makes of it who is not careful.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

__all__ = ["BOMBS"]

LONGEST: Final = 10
"""Seconds of CPU time after which a bomb is stopped, so that one does not take the time of all the others."""

HEAD: Final = "asyncapi: 3.0.0\ninfo: {title: Bomb, version: '1'}\n"


def document(schema: Any, **schemas: Any) -> str:
    """A document whose one message has this payload."""
    return json.dumps({
        "asyncapi": "3.0.0",
        "info": {"title": "Bomb", "version": "1"},
        "channels": {"c": {"address": "/", "messages": {"m": {"payload": schema}}}},
        "operations": {"o": {"action": "receive", "channel": {"$ref": "#/channels/c"}}},
        "components": {"schemas": schemas},
    })  # fmt: skip


def peak() -> int:
    """The most memory that this process has had, in MiB; `ru_maxrss` counts that of the process it was forked from."""
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return 0


def messages(count: int, payload: Callable[[int], Any]) -> str:
    """A document with many messages on one channel."""
    return json.dumps({
        "asyncapi": "3.0.0",
        "info": {"title": "Bomb", "version": "1"},
        "channels": {"c": {"address": "/", "messages": {f"m{n}": {"payload": payload(n)} for n in range(count)}}},
        "operations": {"o": {"action": "receive", "channel": {"$ref": "#/channels/c"}}},
    })  # fmt: skip


def ref(name: object) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def nested(depth: int, wrap: Callable[[Any], Any], inner: Any) -> Any:
    for _ in range(depth):
        inner = wrap(inner)
    return inner


def record(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def in_channel(yaml: str) -> str:
    """YAML of schemas, used by a message."""
    return f"{HEAD}components:\n  schemas:\n{yaml}\nchannels: {{c: {{messages: {{m: {{payload: {{$ref: '#/components/schemas/last'}}}}}}}}}}\n"


def tree(keyword: str, depth: int, width: int) -> str:
    """Each schema has `width` times the next: `width ** depth` where each is copied."""
    return document(
        ref("s0"),
        **{f"s{n}": {keyword: [ref(f"s{n + 1}")] * width} for n in range(depth)},
        **{f"s{depth}": record(a={"type": "string"})},
    )


def diamond(keyword: str, depth: int) -> str:
    """Two ways from each level to the next, through different properties."""
    levels = {
        f"s{n}": {keyword: [record(**{f"a{n}": ref(f"s{n + 1}")}), record(**{f"b{n}": ref(f"s{n + 1}")})]}
        for n in range(depth)
    }
    return document(ref("s0"), **levels, **{f"s{depth}": {"type": "string"}})


BOMBS: Final[dict[str, tuple[str, Callable[[], str | bytes]]]] = {
    # YAML.
    "billion laughs": ("yaml", lambda: in_channel("    a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(f"    a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)) + "    last: {enum: *a11}")),
    "laughing objects": ("yaml", lambda: in_channel("    a0: &a0 {type: string}\n" + "".join(f"    a{n}: &a{n} {{type: object, properties: {{a: *a{n - 1}, b: *a{n - 1}}}}}\n" for n in range(1, 40)) + "    last: *a39")),
    "laughing objects, few": ("yaml", lambda: in_channel("    a0: &a0 {type: string}\n" + "".join(f"    a{n}: &a{n} {{type: object, properties: {{a: *a{n - 1}, b: *a{n - 1}}}}}\n" for n in range(1, 16)) + "    last: *a15")),
    "an anchor in itself": ("yaml", lambda: in_channel("    last: &a {type: object, properties: {a: *a}}")),
    "merge keys": ("yaml", lambda: HEAD + "m0: &m0 {" + ", ".join(f"k{n}: 1" for n in range(1000)) + "}\n" + "".join(f"m{n}: &m{n}\n  <<: *m{n - 1}\n  z{n}: 1\n" for n in range(1, 3000))),
    "deep flow": ("yaml", lambda: HEAD + "a: " + "[" * 100_000),
    "deep blocks": ("yaml", lambda: HEAD + "".join(" " * n + "a:\n" for n in range(3000))),
    "many dashes": ("yaml", lambda: HEAD + "a: " + "- " * 100_000),
    "a long scalar": ("yaml", lambda: HEAD + "a: '" + "x" * 2_900_000 + "'"),
    "many items": ("yaml", lambda: HEAD + "a:\n" + "- b\n" * 600_000),
    "many anchors": ("yaml", lambda: HEAD + "".join(f"a{n}: &b{n} 1\n" for n in range(50_000))),
    "a long tag": ("yaml", lambda: HEAD + "a: !" + "x" * 2_900_000 + " 1"),
    "a Python object": ("yaml", lambda: HEAD + "a: !!python/object/apply:os.system ['echo bomb']"),
    "not UTF-8": ("yaml", lambda: HEAD.encode() + b"a: \xff\xfe\xfd"),
    "nothing": ("yaml", lambda: ""),
    "only comments": ("yaml", lambda: "# nothing\n" * 10_000),
    "two documents": ("yaml", lambda: HEAD + "---\n" + HEAD),
    "UTF-16": ("yaml", lambda: HEAD.encode("utf-16")),
    # JSON.
    "deep objects": ("json", lambda: '{"a":' * 100_000 + "1" + "}" * 100_000),
    "deep arrays": ("json", lambda: '{"asyncapi":"3.0.0","a":' + "[" * 100_000 + "]" * 100_000 + "}"),
    "wide": ("json", lambda: '{"asyncapi":"3.0.0","channels":{},"x":[' + "{}," * 3_000_000 + "1]}"),
    "a long string": ("json", lambda: '{"asyncapi":"3.0.0","channels":{},"x":"' + "a" * 15_000_000 + '"}'),
    "a long number": ("json", lambda: '{"asyncapi":"3.0.0","x":' + "9" * 200_000 + "}"),
    "duplicate keys": ("json", lambda: '{"asyncapi":"3.0.0","channels":{},"x":{' + '"a":1,' * 200_000 + '"b":1}}'),
    "not a number": ("json", lambda: '{"asyncapi":NaN}'),
    "infinity": ("json", lambda: document({"type": "number", "maximum": 1}).replace('"maximum": 1', '"maximum": 1e400')),
    "only braces": ("json", lambda: "{" * 1_000_000),
    "just null": ("json", lambda: "null"),
    "a lone surrogate": ("json", lambda: document({"enum": ["\ud800", "\udfff"]})),
    # References.
    "a chain of references": ("json", lambda: document(ref("s0"), **{f"s{n}": ref(f"s{n + 1}") for n in range(20_000)})),
    "a circle of references": ("json", lambda: document(ref("a"), a=ref("b"), b=ref("a"))),
    "itself": ("json", lambda: document(ref("a"), a=ref("a"))),
    "the whole document": ("json", lambda: document({"$ref": "#"})),
    "allOf itself": ("json", lambda: document(ref("a"), a={"allOf": [ref("a"), record(x={})]})),
    "allOf each other": ("json", lambda: document(ref("a"), a={"allOf": [ref("b")]}, b={"allOf": [ref("a")]})),
    "oneOf each other": ("json", lambda: document(ref("a"), a={"oneOf": [ref("b"), {"type": "string"}]}, b={"oneOf": [ref("a"), {"type": "integer"}]})),
    "anyOf itself": ("json", lambda: document(ref("a"), a={"anyOf": [ref("a")]})),
    "items of itself": ("json", lambda: document(ref("a"), a={"type": "array", "items": ref("a")})),
    "values of itself": ("json", lambda: document(ref("a"), a={"type": "object", "additionalProperties": ref("a")})),
    "not itself": ("json", lambda: document(ref("a"), a={"not": ref("a")})),
    "a file without end": ("json", lambda: document({"$ref": "/dev/zero"})),
    "standard input": ("json", lambda: document({"$ref": "/dev/stdin"})),
    "a folder": ("json", lambda: document({"$ref": "/"})),
    "a network": ("json", lambda: document({"$ref": "http://127.0.0.1:9/schema"})),
    # Schemas.
    "deep schemas": ("json", lambda: document(nested(120, lambda each: {"type": "array", "items": each}, {}))),
    "deep allOf": ("json", lambda: document(nested(120, lambda each: {"allOf": [each]}, record(a={})))),
    "deep objects by name": ("json", lambda: document(ref("s0"), **{f"s{n}": record(a=ref(f"s{n + 1}")) for n in range(3000)})),
    "deep arrays by name": ("json", lambda: document(ref("s0"), **{f"s{n}": {"type": "array", "items": ref(f"s{n + 1}")} for n in range(3000)})),
    "a tree of allOf": ("json", lambda: tree("allOf", 25, 2)),
    "a tree of oneOf": ("json", lambda: tree("oneOf", 25, 2)),
    "a tree of anyOf": ("json", lambda: tree("anyOf", 12, 8)),
    "diamonds of allOf": ("json", lambda: diamond("allOf", 40)),
    "diamonds of oneOf": ("json", lambda: diamond("oneOf", 40)),
    "a product of oneOf": ("json", lambda: document({"allOf": [{"oneOf": [record(**{f"k{m}_{n}": {"type": "string"}}) for n in range(10)]} for m in range(10)]})),
    "oneOf of oneOf": ("json", lambda: document(ref("s0"), **{f"s{n}": {"oneOf": [ref(f"s{n + 1}"), ref(f"s{n + 2}")]} for n in range(60)}, s60=record(a={}), s61=record(b={}))),
    "allOf of neighbours": ("json", lambda: document(ref("s0"), **{f"s{n}": {"allOf": [ref(f"s{n + 1}"), ref(f"s{n + 2}")]} for n in range(60)}, s60=record(a={}), s61=record(b={}))),
    "everything refers to everything": ("json", lambda: document(ref("s0"), **{f"s{n}": record(**{f"p{m}": ref(f"s{m}") for m in range(60)}) for n in range(60)})),
    "everything is one of everything": ("json", lambda: document(ref("s0"), **{f"s{n}": {"oneOf": [ref(f"s{m}") for m in range(40)]} for n in range(40)})),
    "everything is all of everything": ("json", lambda: document(ref("s0"), **{f"s{n}": {"allOf": [ref(f"s{m}") for m in range(40)]} for n in range(40)})),
    "many properties": ("json", lambda: document(record(**{f"p{n}": {"type": "string"} for n in range(5000)}))),
    "many alike properties": ("json", lambda: document({"type": "object", "properties": {"a" + "-_ ."[n % 4] * (n // 4): {} for n in range(2000)}})),
    "many values": ("json", lambda: document({"enum": [f"v{n}" for n in range(50_000)]})),
    "many alternatives": ("json", lambda: document({"oneOf": [record(**{f"p{n}": {}}) for n in range(600)]})),
    "a long tuple": ("json", lambda: document({"type": "array", "items": [{"type": "string"}] * 2000})),
    "many messages without a tag": ("json", lambda: messages(400, lambda n: record(a={"type": "string"}, b={"type": "integer"}))),
    "many messages with a key each": ("json", lambda: messages(600, lambda n: record(**{f"k{n}": {"type": "string"}}))),
    "many messages with a tag": ("json", lambda: messages(800, lambda n: record(type={"const": f"t{n}"}, n={"type": "integer"}))),
    "many messages with many constants": ("json", lambda: messages(150, lambda n: record(**{f"c{m}": {"const": f"{n >> m & 1}"} for m in range(8)}))),
    "many messages with patterns": ("json", lambda: messages(300, lambda n: record(a={"type": "string", "pattern": f"^(a+)+{n}$"}))),
    "many channels": ("json", lambda: json.dumps({"asyncapi": "3.0.0", "channels": {f"c{n}": {"address": f"/{n}", "messages": {"m": {"payload": record(a={})}}} for n in range(1500)}})),
    "many servers": ("json", lambda: json.dumps({"asyncapi": "3.0.0", "servers": {f"s{n}": {"host": f"h{n}", "protocol": "ws"} for n in range(3000)}, "channels": {"c": {"messages": {"m": {"payload": {}}}}}})),
    "patterns": ("json", lambda: document(record(a={"pattern": "(a{1000}){1000}"}, b={"pattern": "(" * 5000}, c={"pattern": "(" * 150 + ")" * 150}, d={"pattern": "a|" * 50_000}, e={"pattern": "[" + "a-z" * 20_000 + "]"}, f={"pattern": "(?:a?){50}" * 100}))),
    "a huge pattern": ("json", lambda: document({"type": "string", "pattern": "(x{1,60000}){1,60000}" * 50})),
    "long words": ("json", lambda: document({"type": "object", "description": "x" * 2_000_000, "title": "y" * 500_000, "properties": {"z" * 100_000: {"description": "é" * 300_000}}})),
    "long lines": ("json", lambda: document({"type": "object", "description": "word " * 400_000, "properties": {"a": {"description": "\n" * 300_000}}})),
    "many words in a name": ("json", lambda: document({"type": "object", "properties": {"a b" * 60_000: {"type": "object", "properties": {"c": {}}}}})),
    "limits": ("json", lambda: document(record(a={"type": "string", "minLength": -1, "maxLength": 10**30}, b={"type": "number", "multipleOf": 0}, c={"type": "integer", "minimum": 10**300, "multipleOf": 1e-300}, d={"type": "array", "minItems": 10**18, "items": {}}, e={"type": "object", "minProperties": 2.5, "maxProperties": -3}, f={"type": "integer", "multipleOf": -2}, g={"type": "number", "exclusiveMinimum": True, "minimum": 3}))),
    "a discriminator of nothing": ("json", lambda: document({"oneOf": [record(a={}), record(b={})], "discriminator": {"propertyName": "none", "mapping": {f"v{n}": "#/none" for n in range(5000)}}})),
    "many required": ("json", lambda: document({"type": "object", "required": [f"r{n}" for n in range(30_000)], "properties": {"a": {}}})),
    "one name many times": ("json", lambda: document({"type": "object", "properties": {f"p{n}": {"title": "Same", "type": "object", "x-typedws-name": "Same", "properties": {"a": {}}} for n in range(600)}})),
}  # fmt: skip


def _stop(number: int, frame: object) -> None:
    raise TimeoutError(f"it takes more than {LONGEST} seconds")


def main(names: list[str]) -> None:
    from typedws import SchemaError
    from typedws.schema.generating import generate

    signal.signal(signal.SIGVTALRM, _stop)
    for name in names:
        suffix, make = BOMBS[name]
        text = make()
        for models in ("msgspec", "pydantic"):
            start = time.process_time()
            module = ""
            signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
            try:
                module = generate(
                    f"bomb.{suffix}", text=text, models="pydantic" if models == "pydantic" else "msgspec"
                ).text
                outcome = "module"
            except SchemaError as error:
                str(error).encode()
                outcome = "refused" if error.document else "refused without a place"
            except BaseException as error:
                outcome = f"{type(error).__name__}: {str(error)[:300]}"
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            seconds = time.process_time() - start
            said = {
                "name": name,
                "models": models,
                "outcome": outcome,
                "seconds": seconds,
                "megabytes": peak(),
                "module": module,
            }
            print(json.dumps(said), flush=True)
            if outcome == "refused":
                break  # the models make no difference to what is read


if __name__ == "__main__":
    main(sys.argv[1:] or list(BOMBS))
