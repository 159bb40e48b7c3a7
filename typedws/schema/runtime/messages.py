"""The messages of one direction: from frames to values, and from values to frames.

Text frames and binary frames of one connection may be of two formats. A decision belongs to the kind of frame that the
converter of its format writes, which need not be the one that the document has in mind: with a `CBORConverter` for its
JSON, a client speaks CBOR in binary frames.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar, get_origin

from typedws.client import DEFAULT_CONVERTER
from typedws.converters.base import WebsocketContentConverter
from typedws.converters.carrier import strip
from typedws.converters.cbor import CBORConverter
from typedws.converters.msgpack import MsgPackConverter
from typedws.errors import DeserializeError, SerializeError
from typedws.frames import BinaryFrame, DataFrame, TextFrame
from typedws.schema.decisions import ByKey, ByKind, ByPattern, ByValue, Decision, Trial, Undecided, leaves
from typedws.schema.runtime.deciding import Reader, reader_for, unknown
from typedws.schema.runtime.events import Unknown
from typedws.schema.runtime.paths import MISSING
from typedws.schema.runtime.peeking import form_reader

__all__ = ["CONVERTERS", "BinaryFormat", "Codec", "Converters", "Messages", "TextFormat"]

T = TypeVar("T")

TextFormat: TypeAlias = Literal["json", "text"]
BinaryFormat: TypeAlias = Literal["cbor", "msgpack", "binary"]
Converters: TypeAlias = Mapping[str, WebsocketContentConverter]
"""A converter for each of "json", "cbor" and "msgpack"."""

CONVERTERS: Final[Converters] = MappingProxyType(
    {"json": DEFAULT_CONVERTER, "cbor": CBORConverter(), "msgpack": MsgPackConverter()}
)
"""Those that are used unless others are given."""


class Messages(Generic[T]):
    """All messages that travel one way on a connection.

    Args:
        text: how text frames are told apart; None where none are known.
        binary: how binary frames are; likewise.
        text_format: what text frames hold: JSON, or text that is not looked into and is a `str`.
        binary_format: what binary frames hold: CBOR, MessagePack, or bytes that are not looked into.
    """

    def __init__(
        self,
        *,
        text: Decision[Any] | None = None,
        binary: Decision[Any] | None = None,
        text_format: TextFormat = "json",
        binary_format: BinaryFormat = "binary",
    ) -> None:
        self.text = text
        self.binary = binary
        self.text_format: TextFormat = text_format
        self.binary_format: BinaryFormat = binary_format

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats that need a converter: the one of text frames first."""
        text = (self.text_format,) if self.text is not None and self.text_format != "text" else ()
        binary = (self.binary_format,) if self.binary is not None and self.binary_format != "binary" else ()
        return text + binary

    def forms(self) -> Iterator[Any]:
        """The type of every message, each as often as it stands in a decision."""
        yield from leaves(self.text)
        yield from leaves(self.binary)

    def codec(self, converters: Converters = CONVERTERS) -> Codec[T]:
        """Reads and writes with these converters.

        Raises:
            UnsupportedTypeError: a converter can never read one of the messages.
            ValueError: two decisions are left for one kind of frame.
        """
        return Codec(self, converters)

    @cached_property
    def _usual(self) -> Codec[T]:
        return self.codec()

    def decode(self, frame: DataFrame, expected: Container[Any] = ()) -> T | Unknown:
        """The message that a frame is.

        Args:
            frame: a whole message.
            expected: the types that may come now; they decide only where nothing else does.

        Raises:
            DeserializeError: the payload is not of the format, or a message that is known has a bad body.
        """
        return self._usual.decode(frame, expected)

    def encode(self, message: T) -> DataFrame:
        """The frame that carries a message.

        Raises:
            SerializeError: it cannot be written.
        """
        return self._usual.encode(message)

    def __repr__(self) -> str:
        parts: list[str] = []
        if self.text is not None:
            parts.append(f"text={self.text!r}, text_format={self.text_format!r}")
        if self.binary is not None:
            parts.append(f"binary={self.binary!r}, binary_format={self.binary_format!r}")
        return f"Messages({', '.join(parts)})"


class Codec(Generic[T]):
    """Messages, with the converters that read and write them; see `Messages.codec`.

    Attributes:
        unsure: types that are told from others by trying, or by what is expected: such a message may be another one.
    """

    def __init__(self, messages: Messages[T], converters: Converters) -> None:
        self._messages = messages
        self._converters = converters
        self._readers: dict[type, Reader] = {}
        self._looks: dict[type, Callable[[DataFrame], Any]] = {}
        self._by_kind: dict[type, WebsocketContentConverter] = {}
        self._by_form: dict[tuple[type, Any], Callable[[DataFrame], Any]] = {}
        self.unsure: frozenset[Any] = frozenset((*_guesses(messages.text), *_guesses(messages.binary)))
        # The binary decision is the last, and does not give way, for its converter has binary frames only.
        for decision, format_, kinds in (
            (messages.binary, messages.binary_format, (BinaryFrame,)),
            (messages.text, messages.text_format, (TextFrame, BinaryFrame)),
        ):
            if decision is not None:
                self._route(decision, format_, kinds)
        self._writers = self._by_class()

    def _route(self, decision: Decision[Any], format_: str, kinds: tuple[type[DataFrame], ...]) -> None:
        converter = self._converters.get(format_)
        if converter is None:
            form = next(leaves(decision), None)
            self._readers[kinds[0]] = _text(form) if format_ == "text" else _binary(form)
            return
        read = reader_for(decision, converter)
        routed = [kind for kind in kinds if converter.is_applicable(kind(b"")) and kind not in self._readers]
        if not routed:
            raise ValueError(
                f"the {converter.name} converter reads no frames that are left for {format_} on this connection"
            )
        for kind in routed:
            self._readers[kind] = read
            self._looks[kind] = form_reader(Any, converter)
            self._by_kind[kind] = converter

    def read(self, frame: DataFrame, expected: Container[Any] = ()) -> tuple[Any, Any]:
        """The message that a frame is, and the type that it was read as; see `Messages.decode`."""
        read = self._readers.get(type(frame))
        if read is None:
            return unknown(frame)
        try:
            return read(frame, expected)
        except DeserializeError:
            if self.look(frame) is MISSING:
                # Not of the format at all, as a bare "pong" among JSON: nothing that the document speaks of.
                return unknown(frame)
            raise

    def decode(self, frame: DataFrame, expected: Container[Any] = ()) -> T | Unknown:
        """See `Messages.decode`."""
        value: T | Unknown = self.read(frame, expected)[0]
        return value

    def look(self, frame: DataFrame) -> Any:
        """What a frame holds, as builtins; `MISSING` where it cannot be read at all."""
        look = self._looks.get(type(frame))
        try:
            return MISSING if look is None else look(frame)
        except DeserializeError:
            return MISSING

    def read_as(self, frame: DataFrame, form: Any) -> Any:
        """What a frame is if it is of this type.

        Raises:
            DeserializeError: it is not.
        """
        kind = type(frame)
        read = self._by_form.get((kind, form))
        if read is None:
            read = self._by_form[kind, form] = form_reader(form, self._by_kind[kind])
        return read(frame)

    def encode(self, message: T) -> DataFrame:
        """See `Messages.encode`."""
        format_ = self._writers.get(type(message)) or self._format_of(message)
        if format_ == "text" and isinstance(message, str):
            return TextFrame(message)
        if format_ == "binary" and isinstance(message, bytes | bytearray):
            return BinaryFrame(message)
        converter = self._converters.get(format_)
        if converter is None:
            kind = "str" if format_ == "text" else "bytes"
            raise SerializeError(f"this {type(message).__name__} is not sent as it is: only {kind} is")
        return converter.serialize(message)

    def _by_class(self) -> dict[type, str]:
        """The format of each class, where text wins."""
        messages = self._messages
        found: dict[type, str] = {}
        for decision, format_ in ((messages.binary, messages.binary_format), (messages.text, messages.text_format)):
            for form in leaves(decision):
                bare = strip(form)
                cls = get_origin(bare) or bare
                if isinstance(cls, type):
                    found[cls] = format_
        return found

    def _format_of(self, message: object) -> str:
        """The format of a value whose class is not among the messages."""
        for cls in type(message).__mro__[1:-1]:
            if cls in self._writers:
                return self._writers[cls]
        messages = self._messages
        is_bytes = isinstance(message, bytes | bytearray)
        if messages.binary is not None and (messages.text is None or (is_bytes and messages.binary_format == "binary")):
            return messages.binary_format
        return messages.text_format


def _guesses(decision: Decision[Any] | None) -> Iterator[Any]:
    """The forms of a decision that are not told apart by a look."""
    match decision:
        case Trial(forms) | Undecided(forms):
            yield from forms
        case ByValue(_, cases, otherwise) | ByPattern(_, cases, otherwise):
            for case in (*cases.values(), otherwise):
                yield from _guesses(case)
        case ByKey(cases, otherwise) | ByKind(cases, otherwise):
            for case in (*cases.values(), otherwise):
                yield from _guesses(case)
        case _:
            return


def _text(form: Any) -> Reader:
    # The protocol has checked that it is UTF-8.
    return lambda frame, expected: (frame.data.decode(), form)


def _binary(form: Any) -> Reader:
    return lambda frame, expected: (frame.data, form)
