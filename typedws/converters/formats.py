"""What all our converters share: the check of the frame, the caches, and the boundary where every failure becomes ours.

`deserialize` runs once per message, and is written for that: a comparison, a lookup, and the decoder. Everything that
is unusual happens in other functions.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from inspect import signature
from typing import Any, TypeAlias, TypeVar

from typing_extensions import TypeForm

from typedws.converters.cache import FormCache
from typedws.converters.failures import cause_of, not_applicable, refusal, unwritable
from typedws.errors import UnsupportedTypeError
from typedws.frames import BinaryFrame, DataFrame, Frame, TextFrame

__all__ = ["FormatConverter", "Reader", "Writer"]

T = TypeVar("T")

Reader: TypeAlias = Callable[[bytes], Any]
"""Makes a value of one type from a payload. May raise anything."""

Writer: TypeAlias = Callable[[Any], bytes]
"""Makes a payload from a value. May raise anything."""


class FormatConverter(ABC):
    """A converter for one wire format; how a type is read and written in it is left to the class below.

    Args:
        name: what `name` returns.
        wire_format: the name of the format in texts.
        kind: the class of the frames that are written and read.
        also: another class of frames that is read.
        options: what the converter was made with, for its `repr`.
    """

    __slots__ = (
        "_also",
        "_kind",
        "_name",
        "_options",
        "_readers",
        "_readers_known",
        "_wire_format",
        "_writers",
        "_writers_as",
        "_writers_known",
    )

    def __init__(
        self,
        name: str,
        wire_format: str,
        kind: type[TextFrame] | type[BinaryFrame],
        *,
        also: type[BinaryFrame] | None = None,
        options: dict[str, Any],
    ) -> None:
        self._name = name
        self._wire_format = wire_format
        self._kind = kind
        self._also = also
        self._options = options
        self._readers: FormCache[Reader] = FormCache(self._build_reader)
        self._writers: FormCache[Writer] = FormCache(self._build_writer)
        self._writers_as: FormCache[Writer] = FormCache(self._build_writer_as)
        self._readers_known = self._readers.known
        self._writers_known = self._writers.known

    def __init_subclass__(cls, **options: Any) -> None:
        # A subclass that reads or writes in its own way must not be passed over by a session's short way.
        super().__init_subclass__(**options)
        # Its own way may be that of a base beside this one.
        for method, short in (("deserialize", "payload_reader"), ("serialize", "payload_writer")):
            definer = next(base for base in cls.__mro__ if method in base.__dict__ or short in base.__dict__)
            if short not in definer.__dict__:
                setattr(cls, short, None)

    @property
    def name(self) -> str:
        """The name of the format."""
        return self._name

    def is_applicable(self, frame: Frame, /) -> bool:
        """Whether frames of this kind can be read."""
        return type(frame) is self._kind or type(frame) is self._also

    def check_type(self, type_form: TypeForm[Any], /) -> None:
        """Returns if values of `type_form` can be read.

        Raises:
            UnsupportedTypeError: they never can.
        """
        try:
            known = type_form in self._readers_known
        except TypeError:
            known = False
        if not known:
            self._readers.find(type_form)

    def payload_reader(self, type_form: TypeForm[T], /) -> Callable[[bytes], T]:
        """A function from the payload of an applicable message to a value of `type_form`. It may raise anything.

        Raises:
            UnsupportedTypeError: values of `type_form` can never be read.
        """
        return self._readers.find(type_form)

    def payload_writer(self, cls: type, /) -> Callable[[Any], bytes]:
        """A function from a value of exactly this class to the payload of its frame. It may raise anything.

        Raises:
            UnsupportedTypeError: values of `cls` can never be written.
        """
        return self._writers_known.get(cls) or self._writers.find(cls)

    def serialize(self, value: object, type_form: TypeForm[Any] | None = None, /) -> DataFrame:
        """The frame that carries `value`.

        Args:
            value: what to write.
            type_form: the type to write a pydantic model as, where that differs from `type(value)`: a parent class, a
                union with a discriminator. Anything else is written by its value, and the form need only be one that
                can be read.

        Raises:
            SerializeError: the value cannot be written in this format.
            UnsupportedTypeError: values of this type never can.
        """
        try:
            if type_form is not None:
                write = self._writers_as.find(type_form)
            else:
                # Not `self.payload_writer`, which a subclass that writes in its own way does not have.
                cls = type(value)
                write = self._writers_known.get(cls) or self._writers.find(cls)
            return self._kind(write(value))
        except UnsupportedTypeError:
            raise
        except Exception as error:
            raise unwritable(error, value, wire_format=self._wire_format) from cause_of(error)

    def deserialize(self, frame: DataFrame, type_form: TypeForm[T], /) -> T:
        """The value that `frame` carries.

        Args:
            frame: a whole message.
            type_form: the type to read: a class, a union, a generic, an `Annotated` form. `object` and `Any` read
                builtins.

        Raises:
            DeserializeError: the frame is of the wrong kind, a fragment, malformed, or not of that type. A hook or a
                validator of the user's that raises, raises this too, with what it raised as `__cause__`.
            UnsupportedTypeError: values of `type_form` can never be read.
        """
        if (type(frame) is not self._kind and type(frame) is not self._also) or not frame.fin:
            raise not_applicable(frame, type_form, reader=self._describe())
        try:
            read = self._readers_known[type_form]
        except (KeyError, TypeError):
            read = None
        if read is None:
            read = self._readers.find(type_form)
        try:
            value: T = read(frame.data)
            return value
        except Exception as error:
            raise refusal(error, frame, type_form, wire_format=self._wire_format) from cause_of(error)

    def __repr__(self) -> str:
        defaults = signature(type(self)).parameters
        given = [f"{name}={value!r}" for name, value in self._options.items() if value != defaults[name].default]
        return f"{type(self).__name__}({', '.join(given)})"

    @abstractmethod
    def _build_reader(self, type_form: Any) -> tuple[Reader, bool]:
        """What reads a form, and whether forms that are equal may share it. Raises `UnsupportedTypeError`."""

    @abstractmethod
    def _build_writer(self, cls: type) -> tuple[Writer, bool]:
        """What writes the values of a class, and True."""

    @abstractmethod
    def _build_writer_as(self, type_form: Any) -> tuple[Writer, bool]:
        """What writes values sent as a form, and whether equal forms may share it. Raises `UnsupportedTypeError`."""

    def _describe(self) -> str:
        kind = "text" if self._kind is TextFrame else "binary"
        if self._also is not None:
            return f"{type(self).__name__} reads text and binary frames"
        advice = "; accept_binary=True makes it read both" if "accept_binary" in self._options else ""
        return f"{type(self).__name__} reads {kind} frames{advice}"
