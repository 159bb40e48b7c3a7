"""From an API document to a typed client, and back.

    what generated clients import    Connection, Messages, Exchange, Unknown, ...    imported with this package
    what tools are made of           load, generate, lint, mock, export, ...         imported when they are first used

So a program that uses a generated client loads neither the tools nor what they need, and no pydantic unless its models
are pydantic's.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from typedws.schema.decisions import ByKey, ByKind, ByPattern, ByValue, Decision, Only, Tagged, Trial, Undecided
from typedws.schema.runtime.address import Credential
from typedws.schema.runtime.connection import Connection
from typedws.schema.runtime.events import Reconnected, Unknown
from typedws.schema.runtime.exchanges import Exchange
from typedws.schema.runtime.failures import RequestFailed, RequestTimeoutError
from typedws.schema.runtime.messages import Messages
from typedws.schema.runtime.options import ConnectOptions, Reconnect
from typedws.schema.runtime.subscriptions import Subscription

if TYPE_CHECKING:
    from typedws.schema.contract.api import Contract
    from typedws.schema.document import Finding
    from typedws.schema.exporting import (
        Api,
        Channel,
        Message,
        Reply,
        Security,
        Server,
        Variable,
        export,
        to_json,
        to_yaml,
    )
    from typedws.schema.generating import Generated, generate, load
    from typedws.schema.linting import lint
    from typedws.schema.mocking import MockServer, mock
    from typedws.schema.runtime.model import Base64, Model, given

_LATER: Final = {
    "Api": "typedws.schema.exporting",
    "Channel": "typedws.schema.exporting",
    "Contract": "typedws.schema.contract.api",
    "Finding": "typedws.schema.document",
    "Generated": "typedws.schema.generating",
    "Message": "typedws.schema.exporting",
    "MockServer": "typedws.schema.mocking",
    "export": "typedws.schema.exporting",
    "to_json": "typedws.schema.exporting",
    "to_yaml": "typedws.schema.exporting",
    "Reply": "typedws.schema.exporting",
    "Security": "typedws.schema.exporting",
    "Server": "typedws.schema.exporting",
    "Variable": "typedws.schema.exporting",
    "generate": "typedws.schema.generating",
    "lint": "typedws.schema.linting",
    "load": "typedws.schema.generating",
    "mock": "typedws.schema.mocking",
    "Base64": "typedws.schema.runtime.model",
    "Model": "typedws.schema.runtime.model",
    "given": "typedws.schema.runtime.model",
}
"""Names that are imported when they are first used, and the module of each. They stand under `TYPE_CHECKING` above, and
in `__all__`, as well."""

__all__ = [
    "Api",
    "Base64",
    "ByKey",
    "ByKind",
    "ByPattern",
    "ByValue",
    "Channel",
    "ConnectOptions",
    "Connection",
    "Contract",
    "Credential",
    "Decision",
    "Exchange",
    "Finding",
    "Generated",
    "Message",
    "Messages",
    "MockServer",
    "Model",
    "Only",
    "Reconnect",
    "Reconnected",
    "Reply",
    "RequestFailed",
    "RequestTimeoutError",
    "Security",
    "Server",
    "Subscription",
    "Tagged",
    "Trial",
    "Undecided",
    "Unknown",
    "Variable",
    "export",
    "generate",
    "given",
    "lint",
    "load",
    "mock",
    "to_json",
    "to_yaml",
]


if not TYPE_CHECKING:
    # A type checker would take it for a promise that every name is there.

    def __getattr__(name: str) -> Any:
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_LATER[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
