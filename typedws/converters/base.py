"""The contract between a session and a wire format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

from typing_extensions import TypeForm

from typedws.frames import BinaryFrame, DataFrame, Frame, TextFrame

__all__ = [
    "ChecksTypes",
    "ReadsPayloads",
    "WebsocketContentConverter",
    "WritesPayloads",
    "check_converter_object",
    "check_converters",
    "kind_of_messages",
    "offered",
]

T = TypeVar("T")


@runtime_checkable
class WebsocketContentConverter(Protocol):
    """**Protocol:** turns values into frames and frames into values.

    A converter is synchronous, keeps nothing of a message once a call has returned, and may be shared by any number of
    sessions and threads. `typedws.testing.check_converter` checks an implementation against this contract.
    """

    @property
    def name(self) -> str:
        """A short name of the format for people and logs, as in "json"."""
        ...

    def is_applicable(self, frame: Frame, /) -> bool:
        """Whether `deserialize` can read this kind of frame. Must not look at the payload, and must not raise."""
        ...

    def serialize(self, value: object, type_form: TypeForm[Any] | None = None, /) -> DataFrame:
        """The frame that carries `value`: a whole message (`fin` is True).

        Args:
            value: what to write.
            type_form: the type to write it as, where that differs from `type(value)`.

        Raises:
            SerializeError: the value cannot be written in this format.
            UnsupportedTypeError: no value of this type ever can.
        """
        ...

    def deserialize(self, frame: DataFrame, type_form: TypeForm[T], /) -> T:
        """The value that `frame` carries.

        Args:
            frame: a whole message (`fin` is True).
            type_form: the type to read: a class, a union, a generic, an `Annotated` form.

        Raises:
            DeserializeError: the frame is of the wrong kind, a fragment, malformed, or not of that type.
            UnsupportedTypeError: this converter can never read the type.
        """
        ...


@runtime_checkable
class ChecksTypes(Protocol):
    """**Protocol:** what a converter may offer besides: a type it can never read is refused before a frame is taken.

    A converter without it works as well: the refusal then comes from `deserialize`, and the frame is spent.
    """

    def check_type(self, type_form: TypeForm[Any], /) -> None:
        """Returns if `deserialize` can read values of `type_form`; costs next to nothing from the second time on.

        Raises:
            UnsupportedTypeError: it never can.
        """
        ...


@runtime_checkable
class ReadsPayloads(Protocol):
    """**Protocol:** what a converter may offer besides, so that a session can spare it a call per message."""

    def payload_reader(self, type_form: TypeForm[T], /) -> Callable[[bytes], T]:
        """A function that does to the payload of an applicable message what `deserialize` does to the message.

        The session calls it instead. Where it raises, whatever that is, the session calls `deserialize`, which then
        raises the `DeserializeError`; so a hook that raises is called twice.

        Raises:
            UnsupportedTypeError: no value of this type can ever be read.
        """
        ...


@runtime_checkable
class WritesPayloads(Protocol):
    """**Protocol:** what a converter may offer besides, so that a session can spare it a call per message."""

    def payload_writer(self, cls: type, /) -> Callable[[Any], bytes]:
        """A function from a value of exactly this class to the payload of the frame that `serialize` would return. All
        frames of a class are of one kind.

        The session calls it instead. Where it raises, whatever that is, the session calls `serialize`, which then
        raises the `SerializeError`; so a hook that raises is called twice.

        Raises:
            UnsupportedTypeError: no value of this class can ever be written.
        """
        ...


def offered(converter: WebsocketContentConverter | None, name: str) -> Any:
    """The method `name` of a converter, where its class has it; None otherwise.

    The class is asked, not the object: a wrapper that passes on what it does not know would offer what its inner
    converter does, and so be passed over itself.
    """
    return getattr(converter, name) if getattr(type(converter), name, None) is not None else None


def kind_of_messages(converter: WebsocketContentConverter | None) -> type[DataFrame]:
    """The kind of frames that carry a converter's values; text where it reads both, or there is none.

    Raises:
        TypeError: the converter breaks its contract.
    """
    try:
        reads_text = converter is None or converter.is_applicable(TextFrame(b""))
    except Exception as error:
        raise TypeError(
            f"is_applicable of {type(converter).__name__} must not raise, and must not look at the payload"
        ) from error
    return TextFrame if reads_text else BinaryFrame


def check_converter_object(converter: object, *, name: str = "converter") -> None:
    """Returns if `converter` is None, or has what a converter has.

    Args:
        converter: what was given.
        name: the argument that it was given for.

    Raises:
        TypeError: it is a class, or lacks one of the four members.
    """
    if converter is None:
        return
    if isinstance(converter, type):
        raise TypeError(f"{name} is the class {converter.__name__}; give an object: {converter.__name__}()")
    missing = [member for member in _METHODS if not callable(getattr(converter, member, None))]
    if not isinstance(getattr(converter, "name", None), str):
        missing.append("name")
    if missing:
        raise TypeError(
            f"{name} is a converter, as in JSONConverter(), or None, not {type(converter).__name__}, "
            f"which has no {missing[0]}"
        )


def check_converters(converters: object) -> dict[str, WebsocketContentConverter]:
    """A copy of `converters`: subprotocols, each with its converter. None stands for no subprotocols.

    Raises:
        TypeError: it is no mapping, or has a value that is no converter.
    """
    if converters is None:
        return {}
    if not isinstance(converters, Mapping):
        raise TypeError(f"converters is a mapping of subprotocols to converters, not {type(converters).__name__}")
    for subprotocol, converter in cast("Mapping[object, object]", converters).items():
        if converter is None:
            raise TypeError(f"converters[{str(subprotocol)[:80]!a}] is a converter, as in JSONConverter(), not None")
        check_converter_object(converter, name=f"converters[{str(subprotocol)[:80]!a}]")
    return dict(cast("Mapping[str, WebsocketContentConverter]", converters))


_METHODS = ("is_applicable", "serialize", "deserialize")
