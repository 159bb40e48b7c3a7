"""Both model libraries through one wire format: the choice between them, made once per type.

A format says how msgspec reads and writes it, and how a pydantic `Adapter` does. `carrier` says which of the two a
type needs.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from typedws.converters.adapters import Adapter, Adapters
from typedws.converters.carrier import carrier_of, is_model_class, unwrap
from typedws.converters.failures import unsupported
from typedws.converters.formats import FormatConverter, Reader, Writer
from typedws.errors import UnsupportedTypeError
from typedws.frames import BinaryFrame, TextFrame

__all__ = ["MixedConverter"]


class MixedConverter(FormatConverter):
    """A converter for the types of msgspec and for those of pydantic.

    Args:
        models: the adapters for pydantic's types; the others are those of `FormatConverter`.
    """

    __slots__ = ("_models",)

    def __init__(
        self,
        name: str,
        wire_format: str,
        kind: type[TextFrame] | type[BinaryFrame],
        *,
        also: type[BinaryFrame] | None = None,
        models: Adapters,
        options: dict[str, Any],
    ) -> None:
        super().__init__(name, wire_format, kind, also=also, options=options)
        self._models = models

    @abstractmethod
    def _decoder(self, type_form: Any) -> Reader:
        """How msgspec reads a form. Whatever this raises means that it cannot."""

    @abstractmethod
    def _encoder(self) -> Writer:
        """How msgspec writes a value."""

    @abstractmethod
    def _model_reader(self, model: Adapter) -> Reader:
        """How pydantic reads a form."""

    @abstractmethod
    def _model_writer(self, model: Adapter) -> Writer:
        """How pydantic writes a value."""

    def _build_reader(self, type_form: Any) -> tuple[Reader, bool]:
        if carrier_of(type_form).reads_with_adapter:
            return self._model_reader(self._models.get(type_form)), False
        try:
            return self._decoder(unwrap(type_form)), True
        except UnsupportedTypeError:
            raise
        except Exception as error:
            raise unsupported(error, type_form, library="msgspec") from error

    def _build_writer(self, cls: type) -> tuple[Writer, bool]:
        return (self._model_writer(self._models.get(cls)) if is_model_class(cls) else self._encoder()), True

    def _build_writer_as(self, type_form: Any) -> tuple[Writer, bool]:
        if carrier_of(type_form).writes_with_adapter:
            return self._model_writer(self._models.get(type_form)), False
        self.check_type(type_form)
        return self._write_by_class, True

    def _write_by_class(self, value: Any) -> bytes:
        return self._writers.find(type(value))(value)
