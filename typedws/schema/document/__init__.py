"""Reading an AsyncAPI document: text, references and versions, down to one set of frozen objects."""

from __future__ import annotations

from typedws.schema.document.findings import Finding, Findings, Severity
from typedws.schema.document.loading import load
from typedws.schema.document.node import Node, pointer_of
from typedws.schema.document.objects import (
    Channel,
    Document,
    ExampleObject,
    MessageObject,
    OperationObject,
    ReplyObject,
    SecurityScheme,
    ServerObject,
    Variable,
)

__all__ = [
    "Channel",
    "Document",
    "ExampleObject",
    "Finding",
    "Findings",
    "MessageObject",
    "Node",
    "OperationObject",
    "ReplyObject",
    "SecurityScheme",
    "ServerObject",
    "Severity",
    "Variable",
    "load",
    "pointer_of",
]
