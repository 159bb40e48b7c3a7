"""Frames and messages of one connection, seen from the server: it reads what is outgoing, and writes what is
incoming."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from types import ModuleType
from typing import Any

from typedws.converters.json import JSONConverter
from typedws.errors import DeserializeError
from typedws.frames import BinaryFrame, DataFrame, TextFrame
from typedws.schema.contract.api import Connection, Contract, Message
from typedws.schema.contract.types import Ref
from typedws.schema.document.kinds import is_object
from typedws.schema.emit.naming import Names
from typedws.schema.mocking.completing import completed
from typedws.schema.mocking.records import Arrival, Refused
from typedws.schema.mocking.topics import Topics
from typedws.schema.runtime.messages import CONVERTERS
from typedws.schema.samples.checking import Checker
from typedws.schema.samples.deciding import candidates, why_unknown

__all__ = ["Wire"]

_JSON = JSONConverter()


class Wire:
    """Reads and writes the messages of a connection with the types of a generated module."""

    def __init__(self, contract: Contract, connection: Connection, module: ModuleType, checker: Checker) -> None:
        names = Names(contract, "msgspec")
        self._connection = connection
        self._checker = checker
        self._forms = {
            message.name: _found(module, names.of(message.name))
            for message in (*connection.incoming.messages, *connection.outgoing.messages)
        }
        declared = (names.of(declared.name) for declared in contract.declarations)
        self._classes = {name: getattr(module, name, None) for name in declared}
        self._incoming_codec = _found(module, names.of(connection.name)).incoming
        self._topics = Topics(connection)
        self._incoming = {message.name: message for message in connection.incoming.messages}

    # What the client sends.

    def read(self, frame: DataFrame) -> Arrival:
        """The message that a frame is. Where nothing tells several messages apart, a topic that is named in it does,
        or else it is the first one that it can be.

        Raises:
            Refused: it is none, or no valid one.
        """
        direction = self._connection.outgoing
        is_text = isinstance(frame, TextFrame)
        decision = direction.text if is_text else direction.binary
        if decision is None:
            raise Refused(f"clients send no {'text' if is_text else 'binary'} frames here", 1003)
        format_ = direction.text_format if is_text else direction.binary_format
        if format_ == "text":
            tree: Any = frame.data.decode()
        elif format_ == "binary":
            tree = b64encode(frame.data).decode()
        else:
            try:
                tree = CONVERTERS[format_].deserialize(frame, Any)
            except DeserializeError as error:
                raise Refused(f"this is no {format_.upper()}: {_cause(error)}", 1007) from None
        names = candidates(decision, tree)
        if not names:
            why = why_unknown(decision, tree)
            text = f"this is none of the messages that a client may send{f': {why}' if why else ''}"
            raise Refused(text, 1008, tree=tree)
        read: list[Arrival] = []
        problems: list[Refused] = []
        for name in names:
            try:
                read.append(self._read_as(name, frame, format_, tree))
            except Refused as problem:
                problems.append(problem)
        if not read:
            raise problems[0]
        likely = self._topics.likely(read)
        return replace(likely, others=tuple(arrival.name for arrival in read if arrival is not likely))

    def _read_as(self, name: str, frame: DataFrame, format_: str, tree: Any) -> Arrival:
        if format_ in ("text", "binary"):
            value = frame.data.decode() if format_ == "text" else frame.data
        else:
            form = self._forms[name]
            try:
                value = CONVERTERS[format_].deserialize(frame, form)
            except DeserializeError as error:
                raise Refused(f"it is not valid: {_cause(error)}", 1008, name=name, tree=tree) from None
            if format_ != "json":
                tree = json.loads(_JSON.serialize(value, form).data)
        # What the types of Python cannot say is checked as well.
        problem = self._checker.problem(Ref(name), tree)
        if problem is not None:
            raise Refused(f"it is not valid: {problem}", 1008, name=name, tree=tree)
        return Arrival(name, value, tree)

    # What the server sends.

    def write(self, message: Message, tree: Any) -> DataFrame:
        """The frame for a message that is given as JSON.

        Raises:
            ContentConvertError: it is no valid one.
        """
        match message.format:
            case "json":
                return TextFrame(json.dumps(tree, ensure_ascii=False, separators=(",", ":")))
            case "text":
                return TextFrame(tree if isinstance(tree, str) else json.dumps(tree))
            case "binary":
                return BinaryFrame(b64decode(tree))
            case format_:
                form = self._forms[message.name]
                value = _JSON.deserialize(TextFrame(json.dumps(tree)), form)
                return CONVERTERS[format_].serialize(value, form)

    def write_given(self, message: Message, value: Any, *, check: bool) -> DataFrame:
        """The frame for a message that somebody wrote down: JSON, or the bytes of a binary message.

        Args:
            check: whether it is completed with the constants of the message, and must be a valid one then.

        Raises:
            ValueError: it is no valid one, or no JSON at all.
            ContentConvertError: it cannot be written in the format of the message.
        """
        if message.format == "binary":
            return BinaryFrame(_bytes_of(message, value))
        if message.format == "text" and isinstance(value, str) and not check:
            return TextFrame(value)
        try:
            tree = json.loads(json.dumps(value, allow_nan=not check))
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"what is sent as a {message.name} must be JSON: {error}") from None
        if check:
            tree = completed(self._checker, message, self._connection.incoming, tree)
            problem = self._checker.problem(Ref(message.name), tree)
            if problem is not None:
                raise ValueError(f"this is no valid {message.name}: {problem}; check=False sends it as it is")
        elif message.format in CONVERTERS and message.format != "json":
            return CONVERTERS[message.format].serialize(tree, Any)
        return self.write(message, tree)

    def write_value(self, value: Any) -> DataFrame:
        """The frame for a message that is an object of the generated module.

        Raises:
            ValueError: it is no message that the server sends.
            SerializeError: it cannot be written.
        """
        if not self.takes(value):
            raise ValueError(self.why_not(value))
        frame: DataFrame = self._incoming_codec.encode(value)
        return frame

    def takes(self, value: object) -> bool:
        """Whether an object may be a message that the server sends."""
        forms = [self._forms[name] for name in self._incoming]
        if any(type(value) is form for form in self._classes.values()):
            return any(type(value) is form for form in forms)
        # What is of no class of the module may be of one of its aliases. JSON could be anything, and is not guessed at.
        kinds = (str, bytes, list, tuple, int, float, bool, type(None))
        return type(value) in kinds and any(not isinstance(form, type) or type(value) is form for form in forms)

    def why_not(self, value: object) -> str:
        """Why an object is no message that the server sends, for whoever gave it."""
        name = type(value).__name__
        if is_object(value):
            return "say which message it is with message=..., as for all that is given as JSON"
        if self.incoming(name):
            return (
                f"this {name} is not of the module that the mock uses: give it yours, mock(..., module=...), or "
                "give JSON, with message="
            )
        return f"{name} is no message that the server sends; give JSON, with message="

    def incoming(self, name: str) -> Message | None:
        """A message that the server sends, by the name of its declaration or by one that the document has for it."""
        found = self._incoming.get(name)
        if found is None:
            found = next((message for message in self._incoming.values() if name in message.keys), None)
        return found


def _bytes_of(message: Message, value: Any) -> bytes:
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if not isinstance(value, str):
        raise ValueError(f"a {message.name} is bytes, or text in base64, not {type(value).__name__}")
    try:
        return b64decode(value, validate=True)
    except ValueError as error:
        raise ValueError(f"a {message.name} is bytes, or text in base64, which this is not: {error}") from None


def _found(module: ModuleType, name: str) -> Any:
    try:
        return getattr(module, name)
    except AttributeError:
        raise ValueError(f"the module {module.__name__} has no {name}; was it generated from this document?") from None


def _cause(error: DeserializeError) -> str:
    return str(error.__cause__ or error)
