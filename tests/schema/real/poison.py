"""Documents that carry one text everywhere where a document can have text of its own, and what a module may consist of."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

__all__ = ["POISONS", "document2", "document3", "foreign_parts", "in_bytes"]

CALL: Final = "__import__('os').system('exit 3')"
"""Code that the audit hook of the tests notices."""

POISONS: Final[dict[str, str]] = {
    "quotes": "\"'\"'",
    "triple quotes": f'"""\n{CALL}\n"""',
    "triple quotes at the end": 'x"""',
    "single triple quotes": f"'''\n{CALL}\n'''",
    "an escaped quote": f'\\"""\n{CALL}\n"""',
    "backslashes": "\\\\\\",
    "a backslash at the end": "x\\",
    "a backslash and a newline": f"x\\\n{CALL}",
    "a new line": f"x\n{CALL}\n",
    "a new line, indented": f"x\n    {CALL}\n        {CALL}",
    "a carriage return": f"x\r{CALL}\r",
    "both": f"x\r\n{CALL}\r\n",
    "a form feed": f"x\x0c{CALL}",
    "a vertical tab": f"x\x0b{CALL}",
    "a file separator": f"x\x1c{CALL}\x1d{CALL}\x1e{CALL}",
    "a next line": f"x\x85{CALL}",
    "a line separator": f"x\u2028{CALL}\u2029{CALL}",
    "code": CALL,
    "an end of a call": f'"), {CALL}, ("',
    "an end of a subscript": f'"]; {CALL}; ["',
    "an end of a class": f"object):\n    {CALL}\nclass X(",
    "an end of an annotation": f"int; {CALL}",
    "a default": f"x={CALL}",
    "braces": "{" + CALL + "}",
    "double braces": "{{" + CALL + "}}",
    "format": "{0.__class__} {self} %s %(x)s $x ${x}",
    "a half brace": "{x",
    "nul": "a\0b",
    "bidi": "a\u202eb\u2066c\u2069\u200f",
    "a surrogate": "a\ud800b",
    "a pair": "\ud83d\ude00",
    "type: ignore": "# type: ignore",
    "a type comment": "x # type: int",
    "noqa": "# noqa",
    "ruff": "# ruff: noqa",
    "fmt": "# fmt: off",
    "pyright": "# pyright: basic, reportGeneralTypeIssues=false",
    "mypy": "# mypy: ignore-errors",
    "coding": "# -*- coding: rot13 -*-",
    "a place": "\n# from #/components/schemas/S\nclass Pwned(",
    "words": "word " * 150,
    "a long word": "x" * 900,
    "long and wide": "日" * 100,
    "escapes": "\\x41 \\u0041 \\N{BULLET} \\101 \\0",
    "doctest": f">>> {CALL}",
    "markdown": f"```python\n{CALL}\n```\n- a\n- b\n\n    code\n\t{CALL}",
    "tabs": "\tx\ty",
    "an ideographic space": "a\u3000b\u00a0c\ufeffd",
    "combining": "e\u0301\u0300\u200d",
    "dunder": "__class__",
    "builtins": "__import__",
    "a keyword": "import",
    "empty": "",
    "a space": " ",
    "globals": "globals()['__builtins__']",
    "lambda": f"(lambda: {CALL})()",
    "a comment": f"#\n{CALL}\n#",
}


def _pointer(text: str) -> str:
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # two halves are one character in JSON
    return quote(whole.replace("~", "~0").replace("/", "~1"), safe="")


def _schema(text: str, *, nested: bool = True) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "type": {"const": text, "description": text},
        text: {
            "type": "string",
            "description": text,
            "title": text,
            "default": text,
            "example": text,
            "deprecated": True,
        },
        f"{text}1": {"enum": [text, "other", 3], "default": text},
        f"2{text}": {"type": "string", "pattern": text, "format": text},
        "const": {"const": f"{text}!", "title": text, "examples": [text]},
        "map": {"type": "object", "patternProperties": {text: {"type": "string", "pattern": text}}},
        "number": {"type": "number", "default": text, "description": text},
    }
    if nested:
        properties["inner"] = {"type": "object", "title": text, "x-typedws-name": text, "description": text,
                               "properties": {text: {"type": "object", "properties": {text: {"enum": [text, f"{text}."]}}}}}  # fmt: skip
        properties["several"] = {"oneOf": [_schema(text, nested=False), {"type": "object", "title": text, "properties": {"b": {}}}],
                                 "discriminator": {"propertyName": text, "mapping": {text: text}}}  # fmt: skip
    return {"type": "object", "title": text, "description": text, "required": ["type", text], "properties": properties, "not": {"const": text},
            "examples": [{text: text, "type": text}], "x-typedws-name": text}  # fmt: skip


def document3(text: str) -> dict[str, Any]:
    """A document of version 3."""
    at = _pointer(text)
    about = {"title": text, "summary": text, "description": text, "tags": [{"name": text, "description": text}],
             "externalDocs": {"url": text, "description": text}}  # fmt: skip
    return {
        "asyncapi": "3.0.0",
        "id": text,
        "info": {"title": text, "version": text, "description": text, "termsOfService": text, "contact": {"name": text}, "license": {"name": text}},
        "defaultContentType": "application/json",
        "servers": {
            text: {"host": "{v}.test", "pathname": f"/{text}", "protocol": "wss", "protocolVersion": text, **about,
                   "variables": {"v": {"enum": [text, "a"], "default": text, "description": text, "examples": [text]}},
                   "security": [{"$ref": f"#/components/securitySchemes/{at}"}, {"$ref": f"#/components/securitySchemes/{at}2"}]},
            "second": {"host": text, "protocol": "ws", "description": text},
            f"3{text}": {"host": "c.test", "pathname": "/{" + text + "}", "protocol": "ws", "variables": {text: {"default": text}}},
        },
        "channels": {
            text: {
                "address": f"/{text}/{{{text}}}", **about, "x-typedws-socket": text, "x-typedws-discriminator": f"/{text}",
                "messages": {text: {"$ref": f"#/components/messages/{at}"}, "reply": {"$ref": "#/components/messages/reply"},
                             "plain": {"payload": {"const": text}, **about}, "typed": {"payload": {"enum": [text, f"{text}2"]}}},
                "parameters": {text: {"description": text, "default": text, "enum": [text, "b"], "examples": [text], "location": text}},
                "bindings": {"ws": {"query": {"type": "object", "properties": {text: {"type": "string", "default": text, "description": text, "enum": [text]},
                                                                               "q": {"type": "string", "default": text}}},
                                    "headers": {"type": "object", "properties": {text: {"type": "string", "const": text},
                                                                                 "X-H": {"type": "string", "default": text, "description": text}}}}},
            },
            f"topic.{text}": {"address": f"topic.{text}.{{p}}", "x-typedws-socket": "topics", "parameters": {"p": {"default": text, "description": text}},
                              "messages": {"tick": {"payload": _schema(text)}, "subscribe": {"$ref": "#/components/messages/subscribe"}}},
            "other": {"address": None, "x-typedws-socket": "topics", "messages": {"subscribe": {"$ref": "#/components/messages/subscribe"}}},
        },
        "operations": {
            text: {"action": "send", "channel": {"$ref": f"#/channels/{at}"}, **about, "messages": [{"$ref": f"#/channels/{at}/messages/{at}"}],
                   "reply": {"channel": {"$ref": f"#/channels/{at}"}, "messages": [{"$ref": f"#/channels/{at}/messages/reply"}], "address": {"location": text}},
                   "deprecated": True},
            f"hear{text}": {"action": "receive", "channel": {"$ref": f"#/channels/{at}"}, **about},
            "tick": {"action": "receive", "channel": {"$ref": f"#/channels/topic.{at}"}, "messages": [{"$ref": f"#/channels/topic.{at}/messages/tick"}]},
            "subscribe": {"action": "send", "channel": {"$ref": "#/channels/other"}, **about},
        },
        "components": {
            "schemas": {text: _schema(text), "S": _schema(f"{text}S")},
            "messages": {
                text: {"name": text, **about, "payload": {"$ref": f"#/components/schemas/{at}"}, "x-typedws-name": text,
                       "correlationId": {"location": f"$message.payload#/{text}", "description": text}, "examples": [{"name": text, "summary": text, "payload": {"type": text, text: text}}]},
                "reply": {"name": text, **about, "payload": {"type": "object", "required": ["type"], "properties": {"type": {"const": f"{text}r"}, text: {"type": "string"}}},
                          "correlationId": {"location": f"$message.payload#/{text}"}},
                "subscribe": {"payload": {"type": "object", "required": ["op", "channel"], "properties": {"op": {"enum": ["subscribe", "unsubscribe", text]},
                                          "channel": {"type": "string", "default": text, "description": text}, text: {"type": "string"}}}},
            },
            "securitySchemes": {text: {"type": "httpApiKey", "in": "query", "name": text, "description": text},
                                f"{text}2": {"type": "httpApiKey", "in": "header", "name": f"X-{text}", "description": text}},
        },
        f"x-{text}": text,
    }  # fmt: skip


def document2(text: str) -> dict[str, Any]:
    """A document of version 2."""
    message = {
        "messageId": text,
        "name": text,
        "title": text,
        "summary": text,
        "description": text,
        "payload": _schema(text),
    }
    return {
        "asyncapi": "2.6.0",
        "info": {"title": text, "version": text, "description": text},
        "servers": {text: {"url": f"wss://{{v}}.test/{text}/{{{text}}}", "protocol": "wss", "description": text, "security": [{text: [text]}],
                           "variables": {"v": {"default": text, "description": text}, text: {"enum": [text], "default": text}}}},
        "channels": {
            f"/{text}/{{{text}}}": {
                "description": text, "parameters": {text: {"description": text, "schema": {"type": "string", "enum": [text], "default": text, "pattern": text}}},
                "bindings": {"ws": {"query": {"type": "object", "properties": {text: {"type": "string", "default": text}}}}},
                "publish": {"operationId": text, "summary": text, "description": text, "tags": [{"name": text}], "message": message},
                "subscribe": {"operationId": f"{text}s", "summary": text, "message": {"oneOf": [message, {**message, "messageId": f"{text}2"}]}},
            },
        },
        "components": {"securitySchemes": {text: {"type": "userPassword", "description": text}}},
    }  # fmt: skip


def in_bytes(document: dict[str, Any]) -> bytes:
    """The text of a document; a lone surrogate stays the escape that JSON has for it."""
    return json.dumps(document).encode("ascii")


# What a module may consist of.

STATEMENTS: Final = frozenset({
    "AnnAssign", "Assign", "AsyncFunctionDef", "ClassDef", "Expr", "FunctionDef", "Import", "ImportFrom", "Pass", "Return",
})  # fmt: skip
EXPRESSIONS: Final = frozenset({
    "Attribute", "Await", "BinOp", "Call", "Compare", "Constant", "Dict", "FormattedValue", "IfExp", "JoinedStr", "List", "Name",
    "Subscript", "Tuple", "UnaryOp",
})  # fmt: skip
CALLS: Final = frozenset({
    "ByKey", "ByKind", "ByPattern", "ByValue", "ConfigDict", "Credential", "Exchange", "Field", "Messages", "Meta", "Only", "Tagged", "Trial", "Undecided",
    "cls._open", "field", "given", "self._new_id", "self._request", "self._subscribe", "self.send", "str",
})  # fmt: skip
ATTRIBUTES: Final = frozenset({
    "cls._open", "dt.date", "dt.datetime", "dt.time", "self._new_id", "self._request", "self._subscribe", "self.send",
})  # fmt: skip
BASES: Final = frozenset({"Connection", "Model", "RequestFailed", "Struct"})
MODULES: Final = frozenset({
    "__future__", "contextlib", "datetime", "msgspec", "pydantic", "typedws.schema", "typing", "uuid",
})  # fmt: skip


def foreign_parts(text: str) -> Iterator[str]:
    """Everything in a module that the generator would not have put there by itself."""
    module = ast.parse(text)
    classes = {node.name for node in module.body if isinstance(node, ast.ClassDef)}
    docstrings = {id(each) for each in _docstrings(module)}
    for node in ast.walk(module):
        kind = type(node).__name__
        match node:
            case ast.Expr(ast.Constant()) if id(node) in docstrings:
                pass
            case ast.Expr(ast.Await(ast.Call(ast.Attribute(ast.Name("self"), "send")))):
                pass
            case ast.Expr():
                yield f"the expression {ast.unparse(node)[:100]}"
            case ast.stmt() if kind not in STATEMENTS:
                yield f"a statement: {kind}"
            case ast.expr() if kind not in EXPRESSIONS:
                yield f"an expression: {kind} {ast.unparse(node)[:100]}"
            case ast.Call(func):
                called = ast.unparse(func.value if isinstance(func, ast.Subscript) else func)
                if called not in CALLS and called not in classes:
                    yield f"a call of {called[:100]}"
            case ast.Attribute(ast.Name(called), "outgoing") if called in classes:
                pass
            case ast.Attribute() if ast.unparse(node) not in ATTRIBUTES:
                yield f"the attribute {ast.unparse(node)[:100]}"
            case ast.Import() if any(each.name not in MODULES for each in node.names):
                yield f"an import: {ast.unparse(node)}"
            case ast.ImportFrom(name) if name not in MODULES:
                yield f"an import: {ast.unparse(node)}"
            case ast.FunctionDef(decorator_list=decorators) | ast.AsyncFunctionDef(decorator_list=decorators) if any(
                ast.unparse(each) not in ("classmethod", "deprecated") for each in decorators
            ):
                yield f"a decorator: {ast.unparse(decorators[0])[:100]}"
            case ast.ClassDef(bases=bases) if any(_bare(base) not in BASES for base in bases):
                yield f"a base class: {ast.unparse(node)[:100]}"
            case _:
                pass


def _bare(base: ast.expr) -> str:
    return ast.unparse(base.value if isinstance(base, ast.Subscript) else base)


def _docstrings(module: ast.Module) -> Iterator[ast.stmt]:
    """Statements that are a string: of a module, a class or a function first, and behind a field."""
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            before: ast.stmt | None = None
            for each in node.body:
                is_text = (
                    isinstance(each, ast.Expr)
                    and isinstance(each.value, ast.Constant)
                    and isinstance(each.value.value, str)
                )
                if is_text and (before is None or isinstance(before, ast.AnnAssign)):
                    yield each
                before = each
