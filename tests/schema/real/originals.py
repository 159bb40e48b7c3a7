"""Two documents of our own that have a bit of everything, for mutations: whatever is changed hits something that counts."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["ORIGINALS"]

_SCHEMAS: Final[dict[str, Any]] = {
    "Trade": {
        "type": "object",
        "title": "A trade",
        "description": "One trade.",
        "required": ["type", "id", "price"],
        "properties": {
            "type": {"const": "trade"},
            "id": {"type": "integer", "minimum": 0, "maximum": 9007199254740991, "examples": [7]},
            "price": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.01},
            "side": {"type": "string", "enum": ["buy", "sell"], "default": "buy"},
            "at": {"type": "string", "format": "date-time"},
            "who": {"type": ["string", "null"], "format": "uuid"},
            "note": {"type": "string", "minLength": 1, "maxLength": 20, "pattern": "^[a-z ]+$"},
            "from": {"$ref": "#/components/schemas/Party"},
            "raw": {"type": "string", "format": "byte"},
        },
        "additionalProperties": False,
    },
    "Book": {
        "type": "object",
        "required": ["type", "levels"],
        "properties": {
            "type": {"enum": ["book"]},
            "levels": {"type": "array", "items": {"type": "array", "items": [{"type": "string"}, {"type": "number"}]}},
            "best": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 2},
            "sizes": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3},
        },
    },
    "Party": {
        "allOf": [
            {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
            {"type": "object", "properties": {"parents": {"type": "array", "items": {"$ref": "#/components/schemas/Party"}}}},
        ],
        "nullable": True,
    },
    "Pet": {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {"propertyName": "pet", "mapping": {"cat": "#/components/schemas/Cat", "dog": "Dog"}},
    },
    "Cat": {
        "type": "object",
        "required": ["pet"],
        "properties": {"pet": {"type": "string"}, "lives": {"type": "integer"}, "friend": {"$ref": "#/components/schemas/Pet"}},
    },
    "Dog": {"type": "object", "required": ["pet"], "properties": {"pet": {"type": "string"}, "tricks": {"type": "object"}}},
    "Map": {
        "type": "object",
        "patternProperties": {"^x-": {"type": "string"}},
        "additionalProperties": {"type": "number"},
        "minProperties": 1,
    },
    "Any": {
        "anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "array", "items": {}}, {"type": "null"},
                  {"$ref": "#/components/schemas/Trade"}, {"$ref": "#/components/schemas/Map"}],
        "if": {"type": "string"}, "then": {"minLength": 1}, "not": {"const": 3},
    },
    "Error": {"type": "object", "required": ["type", "error"],
              "properties": {"type": {"const": "error"}, "error": {"type": "object", "properties": {"code": {"type": "integer"}}}}},
}  # fmt: skip

_MESSAGES: Final[dict[str, Any]] = {
    "trade": {"payload": {"$ref": "#/components/schemas/Trade"}, "title": "Trade", "summary": "It was traded",
              "examples": [{"name": "one", "payload": {"type": "trade", "id": 1, "price": 1.25}}]},
    "book": {"name": "book-update", "contentType": "application/json", "payload": {"$ref": "#/components/schemas/Book"}},
    "pet": {"payload": {"type": "object", "required": ["type", "pet"],
                        "properties": {"type": {"const": "pet"}, "pet": {"$ref": "#/components/schemas/Pet"},
                                       "any": {"$ref": "#/components/schemas/Any"}, "map": {"$ref": "#/components/schemas/Map"}}}},
    "failed": {"payload": {"$ref": "#/components/schemas/Error"}, "x-typedws-name": "Failure"},
    "audio": {"contentType": "application/octet-stream", "payload": {"type": "string", "format": "binary"}},
    "order": {"payload": {"type": "object", "required": ["op", "id"],
                          "properties": {"op": {"const": "order"}, "id": {"type": "string"}, "amount": {"type": "number"}}},
              "correlationId": {"location": "$message.payload#/id"}},
    "ordered": {"payload": {"type": "object", "required": ["type", "id"],
                            "properties": {"type": {"const": "ordered"}, "id": {"type": "string"}, "ok": {"type": "boolean"}}},
                "correlationId": {"$ref": "#/components/correlationIds/byId"}},
    "subscribe": {"payload": {"type": "object", "required": ["op", "channel"],
                              "properties": {"op": {"enum": ["subscribe", "unsubscribe"]}, "channel": {"type": "string"},
                                             "symbols": {"type": "array", "items": {"type": "string"}}}}},
}  # fmt: skip

_SECURITY: Final[dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "key": {"type": "httpApiKey", "in": "query", "name": "api-key"},
    "login": {"type": "userPassword", "description": "A name and a password"},
    "oauth": {"type": "oauth2", "flows": {"implicit": {"authorizationUrl": "https://a.test", "scopes": {}}}},
}


def _refs(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


_VERSION3: Final[dict[str, Any]] = {
    "asyncapi": "3.0.0",
    "info": {"title": "Market data", "version": "1.2.3", "description": "Trades, and more.\n\n- one\n- two\n"},
    "defaultContentType": "application/json",
    "servers": {
        "live": {
            "host": "{region}.market.test:{port}", "pathname": "/v1/{stage}", "protocol": "wss", "description": "The real one",
            "variables": {"region": {"enum": ["eu", "us"], "default": "eu"}, "port": {"default": "443"}, "stage": {}},
            "security": [{"$ref": "#/components/securitySchemes/bearer"}, {"$ref": "#/components/securitySchemes/key"}],
        },
        "test": {"host": "localhost", "protocol": "ws"},
    },
    "channels": {
        "feed": {
            "address": "/feed/{user-id}",
            "messages": _refs("trade", "book", "pet", "failed", "audio", "order", "ordered"),
            "parameters": {"user-id": {"description": "Whose", "enum": ["a", "b"], "default": "a"}},
            "bindings": {"ws": {"method": "GET", "query": {"type": "object", "properties": {"depth": {"type": "integer",
                         "default": 5}, "format": {"enum": ["json"]}}}, "headers": {"type": "object", "properties":
                         {"X-Client": {"type": "string"}}, "required": ["X-Client"]}}},
        },
        "topics": {"address": None, "messages": _refs("subscribe")},
        "ticker.{symbol}": {"address": "ticker.{symbol}", "messages": _refs("trade", "subscribe"), "parameters": {"symbol": {}},
                            "x-typedws-socket": "shared"},
        "depth": {"address": "depth", "messages": _refs("book"), "x-typedws-socket": "shared", "x-typedws-discriminator": "/type"},
    },
    "operations": {
        "events": {"action": "receive", "channel": {"$ref": "#/channels/feed"}, "messages": [
            {"$ref": f"#/channels/feed/messages/{name}"} for name in ("trade", "book", "pet", "failed", "audio", "ordered")]},
        "createOrder": {"action": "send", "channel": {"$ref": "#/channels/feed"}, "summary": "Orders.",
                        "messages": [{"$ref": "#/channels/feed/messages/order"}],
                        "reply": {"channel": {"$ref": "#/channels/feed"}, "messages": [
                            {"$ref": "#/channels/feed/messages/ordered"}, {"$ref": "#/channels/feed/messages/failed"}]}},
        "class": {"action": "send", "channel": {"$ref": "#/channels/topics"}, "bindings": {"ws": {}}},
        "ticker": {"action": "receive", "channel": {"$ref": "#/channels/ticker.{symbol}"},
                   "messages": [{"$ref": "#/channels/ticker.{symbol}/messages/trade"}]},
        "subscribeTicker": {"action": "send", "channel": {"$ref": "#/channels/ticker.{symbol}"},
                            "messages": [{"$ref": "#/channels/ticker.{symbol}/messages/subscribe"}]},
        "depth": {"action": "receive", "channel": {"$ref": "#/channels/depth"}, "traits": [{"description": "Deep"}]},
    },
    "components": {"schemas": _SCHEMAS, "messages": _MESSAGES, "securitySchemes": _SECURITY,
                   "correlationIds": {"byId": {"location": "$message.payload#/id"}}},
    "x-typedws-perspective": "client",
}  # fmt: skip

_VERSION2: Final[dict[str, Any]] = {
    "asyncapi": "2.6.0",
    "info": {"title": "Chat", "version": "1"},
    "servers": {"main": {"url": "wss://{host}.test/chat/{room}", "protocol": "wss",
                         "variables": {"host": {"default": "a"}, "room": {"enum": ["x", "y"]}}, "security": [{"key": []}]}},
    "channels": {
        "/rooms/{id}": {
            "parameters": {"id": {"schema": {"type": "string", "pattern": "^[a-z]+$"}}},
            "bindings": {"ws": {"query": {"type": "object", "properties": {"since": {"type": "string", "format": "date"}}}}},
            "publish": {"operationId": "say", "message": {"oneOf": [{"$ref": "#/components/messages/order"},
                        {"payload": {"type": "object", "required": ["op"], "properties": {"op": {"const": "say"}, "text": {"type": "string"}}}}]}},
            "subscribe": {"operationId": "hear", "traits": [{"summary": "Hears"}], "message": {"oneOf": [
                {"$ref": "#/components/messages/trade"}, {"$ref": "#/components/messages/pet"}, {"$ref": "#/components/messages/ordered"}]}},
        },
        "news": {"subscribe": {"message": {"payload": {"type": "string"}, "contentType": "text/plain"}}},
    },
    "components": {"schemas": _SCHEMAS, "messages": _MESSAGES, "securitySchemes": _SECURITY,
                   "correlationIds": {"byId": {"location": "$message.payload#/id"}}},
}  # fmt: skip

_SMALL: Final[dict[str, Any]] = {
    "asyncapi": "3.1.0",
    "info": {"title": "Echo", "version": "1"},
    "channels": {"echo": {"address": "/", "messages": {"a": {"payload": {"$ref": "#/components/schemas/A"}},
                                                       "b": {"payload": {"$ref": "#/components/schemas/B"}}}}},
    "operations": {"echo": {"action": "receive", "channel": {"$ref": "#/channels/echo"}}},
    "components": {"schemas": {
        "A": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "a"}, "b": {"$ref": "#/components/schemas/B"}}},
        "B": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "b"}, "a": {"$ref": "#/components/schemas/A"}}},
    }},
}  # fmt: skip

ORIGINALS: Final[dict[str, dict[str, Any]]] = {"version3": _VERSION3, "version2": _VERSION2, "small": _SMALL}
