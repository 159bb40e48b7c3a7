"""Documents: those in `schemas/`, small ones that are easier to break, and what is hardly one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["DICTIONARY", "SEEDS"]

FOLDER: Final = Path(__file__).parents[2] / "schemas"

SMALL: Final = """\
asyncapi: 3.0.0
info: {title: Small, version: 1.0.0}
servers:
  live: {host: example.com, protocol: wss, pathname: /x}
channels:
  feed:
    address: /feed/{room}
    parameters: {room: {enum: [a, b], default: a}}
    messages:
      tick: {payload: {$ref: '#/components/schemas/Tick'}}
      ask: {payload: {type: object, required: [id], properties: {id: {type: integer}, q: {type: string}}}}
operations:
  onTick: {action: receive, channel: {$ref: '#/channels/feed'}, messages: [{$ref: '#/channels/feed/messages/tick'}]}
  ask: {action: send, channel: {$ref: '#/channels/feed'}, messages: [{$ref: '#/channels/feed/messages/ask'}]}
components:
  schemas:
    Tick:
      type: object
      required: [type, price]
      properties:
        type: {const: tick}
        price: {type: number, minimum: 0, description: In dollars.}
        side: {enum: [buy, sell], default: buy}
        tags: {type: array, items: {type: string, pattern: '^[a-z]+$'}, uniqueItems: true}
        more: {oneOf: [{type: 'null'}, {$ref: '#/components/schemas/Tick'}]}
"""

SMALL_2: Final = """\
asyncapi: 2.6.0
info: {title: Small, version: 1.0.0}
channels:
  /feed:
    subscribe:
      message:
        oneOf:
          - {name: a, payload: {type: object, properties: {t: {const: a}, n: {type: integer}}, required: [t]}}
          - {name: b, payload: {type: object, properties: {t: {const: b}, d: {format: date-time}}, required: [t]}}
    publish: {message: {payload: {type: array, items: [{const: sub}, {type: string}]}}}
"""

JSON: Final = """\
{"asyncapi": "3.0.0", "info": {"title": "One", "version": "1"},
 "channels": {"c": {"address": "/", "messages": {"m": {"payload":
  {"type": "object", "title": "M", "properties": {"x": {"type": ["string", "null"], "maxLength": 5}, "y": {"allOf": [
   {"type": "integer"}, {"minimum": 1}]}}, "required": ["x"], "additionalProperties": {"type": "boolean"}}}}}},
 "operations": {"o": {"action": "receive", "channel": {"$ref": "#/channels/c"}}}}
"""

TEXTS: Final[dict[str, bytes]] = {
    "small": SMALL.encode(),
    "small, 2.6": SMALL_2.encode(),
    "small json": JSON.encode(),
    "nothing": b"",
    "a nul": b"\0",
    "utf-16": SMALL.encode("utf-16"),
    "utf-32": b"asyncapi: 3.0.0".decode().encode("utf-32"),
    "a bom": b"\xef\xbb\xbf" + JSON.encode(),
    "not utf-8": b"asyncapi: 3.0.0\ninfo: \xff",
    "a list": b"- asyncapi: 3.0.0",
    "openapi": b"openapi: 3.0.0",
    "no channels": b"asyncapi: 3.0.0",
    "version 1": b"asyncapi: 1.2.0\nchannels: {}",
    "two documents": b"asyncapi: 3.0.0\n---\nchannels: {}",
    "yaml 1.1": b"%YAML 1.1\n---\nasyncapi: 3.0.0\nchannels: {a: yes}\n",
    "a key that is an object": b"asyncapi: 3.0.0\nchannels: {? {} : {}}",
    "a tab": b"asyncapi: 3.0.0\n\tchannels: {}",
    "a merge of itself": b"a: &a\n  <<: *a\n",
    "aliases": b"asyncapi: 3.0.0\nx: &a [1]\ny: &b [*a, *a]\nz: [*b, *b]\nchannels: {a: *b}\n",
    "merged": SMALL.replace("parameters:", "x: &m {a: 1}\n    <<: *m\n    parameters:").encode(),
    "tags": b"asyncapi: !!str 3.0.0\nchannels: !!map {a: !x {}}\ninfo: !!python/object:os.system ls\n",
    "block scalars": b"asyncapi: 3.0.0\ninfo:\n  description: |\n    a\n     b\n  title: >-\n    c\n    d\n",
    "numbers": b"asyncapi: 3.0.0\nx: [0o17, 0x1f, 1_000, .inf, -.inf, .nan, 1e400, 012, +1, 1., .5, 1e5, ~, yes]\n",
    "a reference to itself": JSON.replace(
        '{"type": "integer"}', '{"$ref": "#/channels/c/messages/m/payload/properties/y/allOf/0"}'
    ).encode(),
    "a reference to the root": JSON.replace('{"type": "integer"}', '{"$ref": "#"}').encode(),
    "a reference to nowhere": JSON.replace('{"type": "integer"}', '{"$ref": "#/x~1y/%zz"}').encode(),
    "a reference to a file": JSON.replace('{"type": "integer"}', '{"$ref": "other.yaml#/a"}').encode(),
    "a reference to the network": JSON.replace('{"type": "integer"}', '{"$ref": "https://example.com/a"}').encode(),
    "deep": b'{"asyncapi": "3.0.0", "channels": ' + b'{"a":' * 250,
    "a surrogate": JSON.replace("One", "\\ud800").encode(),
    "code in a title": JSON.replace("One", 'x\\u2028\\"\\"\\"\\n__import__(\'os\')').encode(),
    "a key twice": JSON.replace('"title": "M"', '"title": "M", "title": "N"').encode(),
}

SEEDS: Final = {
    **{path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.*"))},
    **TEXTS,
}

DICTIONARY: Final = (
    *(
        f'"{word}"'.encode()
        for word in (
            *(
                "type",
                "object",
                "array",
                "string",
                "integer",
                "number",
                "boolean",
                "null",
                "properties",
                "required",
                "items",
            ),
            *(
                "enum",
                "const",
                "default",
                "oneOf",
                "anyOf",
                "allOf",
                "not",
                "if",
                "then",
                "else",
                "$ref",
                "pattern",
                "format",
            ),
            *(
                "date-time",
                "byte",
                "uuid",
                "additionalProperties",
                "patternProperties",
                "propertyNames",
                "discriminator",
            ),
            *(
                "minimum",
                "maximum",
                "exclusiveMinimum",
                "minLength",
                "maxLength",
                "minItems",
                "uniqueItems",
                "multipleOf",
            ),
            *(
                "messages",
                "payload",
                "headers",
                "correlationId",
                "location",
                "reply",
                "address",
                "parameters",
                "bindings",
                "ws",
            ),
            *(
                "action",
                "send",
                "receive",
                "channel",
                "traits",
                "servers",
                "security",
                "variables",
                "x-",
                "title",
                "examples",
            ),
        )
    ),
    *(
        b'{"$ref": "#/components/schemas/Tick"}',
        b'{"$ref": "#"}',
        b"$message.payload#/id",
        b"&a ",
        b"*a",
        b"<<: *a",
        b"!!str ",
    ),
    *(
        b"? ",
        b"- ",
        b"|\n",
        b">-\n",
        b"---\n",
        b"null",
        b"true",
        b"{}",
        b"[]",
        b"1e400",
        b"\\u2028",
        b'"""',
        b"'",
        b"\\",
        b"\xff",
    ),
)
