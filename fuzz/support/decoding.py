"""What holds for every converter and every payload: a value, or a `DeserializeError` that does not quote the payload.

What was read is written again, and read again: where the format carries it, it comes back equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from fuzz.support.trees import canary_of, tree_of
from typedws.converters import CBORConverter, JSONConverter, MsgPackConverter, PydanticConverter
from typedws.errors import DeserializeError, SerializeError
from typedws.frames import BinaryFrame, DataFrame, TextFrame

__all__ = ["Decoding"]

LONG_RUN: Final = re.compile(rb"[A-Za-z0-9]{16,}")
"""No name of a type or field is as long, and no word of our texts: where one is quoted, the payload is."""

CANARY: Final = b"hunter2"
MAX_TEXT: Final = 600


class Decoding:
    """The property of a decode target.

    Args:
        converter: what is tried.
        forms: the types to read as.
        write: a writer of the format that is not ours; may raise anything for what it cannot write.
        comes_back: whether the value of this payload must survive being written; some formats have holes.
    """

    def __init__(
        self,
        converter: JSONConverter | PydanticConverter | CBORConverter | MsgPackConverter,
        forms: tuple[Any, ...],
        write: Callable[[Any], bytes],
        *,
        comes_back: Callable[[bytes], bool] = lambda payload: True,
    ) -> None:
        self._converter = converter
        self._forms = forms
        self._write = write
        self._comes_back = comes_back
        self._frame = TextFrame if converter.name in ("json", "pydantic") else BinaryFrame

    def check(self, data: bytes) -> None:
        """The input as a payload, and as instructions for one."""
        hidden = [CANARY] if CANARY in data else []
        self.check_payload(data, hidden + LONG_RUN.findall(data)[:10])
        try:
            payload = self._write(tree_of(data))
        except (ValueError, OverflowError):  # more than the format can carry
            return
        self.check_payload(payload, [canary_of(data).encode()])

    def check_payload(self, payload: bytes, hidden: list[bytes]) -> None:
        """One payload, as every type; no error may show what is to be hidden."""
        frame = self._frame(payload)
        for form in self._forms:
            try:
                value = self._converter.deserialize(frame, form)
            except DeserializeError as error:
                self._check_error(error, frame, form, hidden)
            else:
                if self._comes_back(payload):
                    self._check_return(value, form)

    def _check_error(self, error: DeserializeError, frame: DataFrame, form: Any, hidden: list[bytes]) -> None:
        text = str(error)
        assert error.frame is frame
        assert error.type_form is form
        assert len(text) <= MAX_TEXT
        text.encode()
        for each in hidden:
            assert each.decode() not in text, f"the payload is quoted: {text}"

    def _check_return(self, value: Any, form: Any) -> None:
        try:
            frame = self._converter.serialize(value, form)
        except SerializeError:
            return  # it can be read and cannot be written, as some numbers
        again = self._converter.deserialize(frame, form)
        # NaN is equal to nothing, and a set is an array where its type is not known.
        assert self._converter.serialize(again, form).data == frame.data or again == value
