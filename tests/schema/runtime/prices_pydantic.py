"""A client as it is generated with pydantic models: JSON in text frames, and pictures in binary ones."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Annotated, ClassVar, Final, Literal, Self, TypeAlias, Unpack

from pydantic import Field

from typedws.schema import Connection, ConnectOptions, Exchange, Messages, Model, Only, RequestFailed, Tagged, given


class Reading(Model):
    type: Literal["reading"] = "reading"
    value: Annotated[float, Field(ge=0)]
    unit: str | None = None


class Answer(Model):
    type: Literal["answer"] = "answer"
    request_id: int = Field(validation_alias="requestId", serialization_alias="requestId")
    text: str | None = None


class Question(Model):
    type: Literal["question"] = "question"
    request_id: int = Field(validation_alias="requestId", serialization_alias="requestId")
    text: str
    about: str | None = None


Incoming: TypeAlias = Reading | Answer | bytes
Outgoing: TypeAlias = Question | bytes


class AskFailed(RequestFailed):
    """The reply to `ask` was a failure."""

    reply: Answer


class Station(Connection[Incoming, Outgoing]):
    """A weather station."""

    incoming: ClassVar = Messages[Incoming](
        text=Tagged("type", {"reading": Reading, "answer": Answer}), binary=Only(bytes)
    )
    outgoing: ClassVar = Messages[Outgoing](text=Tagged("type", {"question": Question}), binary=Only(bytes))

    @classmethod
    def connect(cls, *, url: str, **options: Unpack[ConnectOptions]) -> AbstractAsyncContextManager[Self]:
        """Opens the connection for the length of a block."""
        return cls._open(url, options=options)

    async def ask(self, *, text: str, about: str | None = None, timeout: float | None = 10.0) -> Answer:
        """Asks."""
        return await self._request(
            given(Question(request_id=self._new_id(int), text=text, about=about)), _ASK, timeout=timeout
        )

    async def picture(self, message: bytes, /) -> None:
        """Shows a picture."""
        await self.send(message)


_ASK: Final = Exchange[Answer](
    replies=(Answer,), request_id=("request_id",), reply_ids={Answer: ("request_id",)}, error=AskFailed
)
