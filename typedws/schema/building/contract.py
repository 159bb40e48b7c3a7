"""Builds the contract of a document: the one place where the parts of the builder meet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from typedws.schema.building.circles import opened
from typedws.schema.building.distinguish import Ladder, narrow
from typedws.schema.building.exchanges import Exchanges
from typedws.schema.building.explaining import explain
from typedws.schema.building.facts import Facts, facts_of
from typedws.schema.building.messages import Messages, is_binary_format
from typedws.schema.building.names import RESERVED, ClassNames, camel, words
from typedws.schema.building.operations import operations_of
from typedws.schema.building.options import BuildOptions
from typedws.schema.building.overriding import chosen_names, report_unused
from typedws.schema.building.parameters import Arguments
from typedws.schema.building.perspective import detect_perspective
from typedws.schema.building.schemas import Schemas
from typedws.schema.building.sockets import Socket, sockets_of
from typedws.schema.building.subscriptions import is_subscribe_name, subscriptions_of
from typedws.schema.building.tags import Tags
from typedws.schema.building.traffic import traffic_of
from typedws.schema.contract.api import Connection, Contract, Direction, Message
from typedws.schema.decisions import ByKey, ByKind, ByPattern, ByValue, Decision, Path, Undecided
from typedws.schema.document.objects import Channel, Document

__all__ = ["build_contract"]

_MAX_LINES = 24
"""Of an explanation; the decision itself says the rest."""

_NOISE = frozenset(
    {"sockets", "api", "websocket", "websockets", "web", "socket", "ws", "asyncapi", "the", "specification", "spec"}
)


def build_contract(document: Document, options: BuildOptions = BuildOptions()) -> Contract:  # noqa: B008 - frozen
    """The contract of a document.

    What the document leaves open, and what could not be expressed, is added to its findings.

    Args:
        document: the document.
        options: what the user says about it.

    Raises:
        SchemaError: it describes no channel, or something in it means nothing.
    """
    if not document.channels:
        raise document.node.error("the document has no channels, so there is nothing to connect to")
    judgement = detect_perspective(document)
    perspective = options.perspective or judgement.perspective
    actions = {operation.action for operation in document.operations}
    if options.perspective is None and not judgement.sure and len(actions) == 1:
        # Whoever wants a client wants to hear something.
        perspective = "client" if actions == {"receive"} else "server"
    if options.perspective is None and not judgement.sure and document.operations:
        document.node.warn(
            "perspective",
            f"whose send this document speaks of is not certain; it is read as written by the {perspective}",
            suggestion="say --perspective client or --perspective server, or x-typedws-perspective in the document",
        )
    names = ClassNames({**options.old_names, **chosen_names(document, options)})
    contract = _Builder(document, options, names).build(perspective)
    report_unused(document, options, names)
    return contract


class _Builder:
    def __init__(self, document: Document, options: BuildOptions, names: ClassNames) -> None:
        self._document = document
        self._options = options
        self._names = names
        self._schemas = Schemas(names, main=document.node.source.name, binary=is_binary_format(document))
        self._messages = Messages(document, self._schemas)
        self._tags = Tags(self._schemas)

    def build(self, perspective: Literal["client", "server"]) -> Contract:
        document = self._document
        sockets = sockets_of(document, takes_subscriptions=_takes_subscriptions)
        titles = [self._names.reserve(self._connection_name(socket, len(sockets))) for socket in sockets]
        traffics = [traffic_of(socket, document, self._messages, perspective) for socket in sockets]
        exchanges = Exchanges(document, self._schemas, self._messages)
        connections: list[Connection] = []
        for socket, title, traffic in zip(sockets, titles, traffics, strict=True):
            arguments = Arguments(self._schemas, socket, traffic.operations)
            connections.append(
                Connection(
                    name=title,
                    channels=tuple(channel.key for channel in socket.channels),
                    servers=socket.urls,
                    path=socket.path,
                    parameters=tuple(arguments.parameters),
                    credentials=tuple(arguments.credentials),
                    subprotocols=arguments.subprotocols,
                    incoming=self._direction(socket, traffic.incoming, "incoming"),
                    outgoing=self._direction(socket, traffic.outgoing, "outgoing"),
                    operations=operations_of(traffic, exchanges, self._messages),
                    subscriptions=subscriptions_of(socket, traffic, self._schemas, self._messages),
                    description=_description(document, socket, len(sockets)),
                )
            )
        self._schemas.keep_only(
            one.name for connection in connections for way in _ways(connection) for one in way.messages
        )
        for alias in tuple(opened(self._schemas.declarations)):
            self._schemas.revise(alias)
        self._messages.describe_records()
        self._tags.settle_unions()
        return Contract(
            title=document.title,
            version=document.api_version,
            source=document.name,
            digest=document.digest,
            perspective=perspective,
            declarations=self._schemas.declarations,
            connections=tuple(self._refreshed(connection) for connection in connections),
            description=document.description,
        )

    def _direction(self, socket: Socket, names: Sequence[str], which: str) -> Direction:
        messages = [self._messages.get(name) for name in names]
        texts = [message for message in messages if message.format in ("json", "text")]
        binaries = [message for message in messages if message.format in ("cbor", "msgpack", "binary")]
        text, text_format = self._decided(socket, texts, which, looked_into="json")
        binary, binary_format = self._decided(socket, binaries, which, looked_into="")
        explanation: list[str] = []
        for decision, frames in ((text, "Text frames: "), (binary, "Binary frames: ")):
            lines = list(explain(decision)) if decision is not None else []
            if text is not None and binary is not None:
                lines[0] = f"{frames}{lines[0][0].lower()}{lines[0][1:]}"
            explanation.extend(lines[:_MAX_LINES])
            if len(lines) > _MAX_LINES:
                explanation.append(f"... and {len(lines) - _MAX_LINES} more steps; they stand in the code below.")
        return Direction(
            messages=tuple(messages),
            text=text,
            binary=binary,
            text_format="text" if text_format == "text" else "json",
            binary_format="cbor" if binary_format == "cbor" else "msgpack" if binary_format == "msgpack" else "binary",
            explanation=tuple(explanation),
        )

    def _decided(
        self, socket: Socket, messages: list[Message], which: str, *, looked_into: str
    ) -> tuple[Decision[str] | None, str]:
        """The decision for the frames of one kind, and their format."""
        if not messages:
            return None, ""
        formats = list(dict.fromkeys(message.format for message in messages))
        chosen = formats[0]
        if len(formats) > 1:
            # What is looked into can be told apart; what is not, cannot.
            chosen = next((one for one in formats if one not in ("text", "binary")), formats[0])
            left = [message.name for message in messages if message.format != chosen]
            self._document.node.warn(
                "mixed-formats",
                f"messages of the formats {' and '.join(formats)} travel in frames of one kind; "
                f"{', '.join(left)} cannot be told from the others",
                severity="error",
                suggestion="let them travel in frames of different kinds, or in one format",
            )
            messages = [message for message in messages if message.format == chosen]
        forced, trial = self._wanted(socket, which)
        facts = [self._facts(message) for message in messages]
        narrow(facts)
        self._tags.narrow(facts)
        ladder = Ladder(self._tags.assign, forced=forced, trial=trial)
        decision = ladder.decide(facts)
        self._tags.require(decision)
        self._report(socket, which, decision)
        return decision, chosen

    def _facts(self, message: Message) -> Facts:
        topics: list[str] = []
        for key in message.channels if len(message.channels) < 3 else ():
            channel = self._document.channel(key)
            topics.extend(topic for topic in (channel.address, channel.key) if topic and topic not in topics)
        return facts_of(
            message.name,
            self._schemas.declared,
            tuple(topics),
            event=self._messages.event(message.name),
            examples=[one.payload for one in message.examples],
        )

    def _wanted(self, socket: Socket, which: str) -> tuple[Path | None, bool]:
        """Where the user says to look, and whether to try."""
        for channel in socket.channels:
            said = self._options.discriminators.get(f"{channel.key}.{which}") or self._options.discriminators.get(
                channel.key
            )
            own = channel.extensions.get("x-typedws-discriminator")
            if said is None and own is not None and isinstance(own.value, str):
                said = own.value
            if said == "trial":
                return None, True
            if said:
                return _path(said), False
        return None, False

    def _report(self, socket: Socket, which: str, decision: Decision[str]) -> None:
        for group, is_rest in list(dict.fromkeys(_undecided(decision)))[:5]:
            shown = ", ".join(group[:5]) + (f" and {len(group) - 5} more" if len(group) > 5 else "")
            is_lost = which == "incoming" and not is_rest
            socket.channels[0].node.warn(
                "undecided",
                f"what is left of the {which} messages cannot be told apart: {shown}"
                if is_rest
                else f"nothing tells these {which} messages apart: {shown}",
                severity="error" if is_lost else "warning",
                suggestion="give each a required property with a const of its own, name the place of one with "
                "x-typedws-discriminator, or say x-typedws-discriminator: trial",
            )

    def _refreshed(self, connection: Connection) -> Connection:
        """With the messages as they are now: channels and correlation are known only at the end."""

        def fresh(direction: Direction) -> Direction:
            return replace(direction, messages=tuple(self._messages.get(one.name) for one in direction.messages))

        return replace(connection, incoming=fresh(connection.incoming), outgoing=fresh(connection.outgoing))

    def _connection_name(self, socket: Socket, count: int) -> str:
        title = self._options.name or _title_name(self._document.title)
        if count == 1:
            return title
        own = camel(socket.label, fallback="Channel")
        return f"{title}{own}" if self._options.name else own


def _ways(connection: Connection) -> tuple[Direction, Direction]:
    return connection.incoming, connection.outgoing


def _undecided(decision: Decision[str] | None, *, is_rest: bool = False) -> Iterable[tuple[tuple[str, ...], bool]]:
    """The groups that are undecided, and whether each is only what other steps leave."""
    match decision:
        case Undecided(forms):
            yield forms, is_rest
        case (
            ByValue(_, cases, otherwise)
            | ByPattern(_, cases, otherwise)
            | ByKey(cases, otherwise)
            | ByKind(cases, otherwise)
        ):
            for case in cases.values():
                yield from _undecided(case, is_rest=is_rest)
            yield from _undecided(otherwise, is_rest=True)
        case _:
            return


def _takes_subscriptions(channel: Channel) -> bool:
    return any(is_subscribe_name(entry.key) or is_subscribe_name(entry.name) for entry in channel.messages)


def _path(pointer: str) -> Path:
    keys = [key.replace("~1", "/").replace("~0", "~") for key in pointer.removeprefix("/").split("/")]
    return tuple(int(key) if re.fullmatch(r"\d+", key) else key for key in keys)


def _title_name(title: str) -> str:
    kept = [word for word in words(title) if word.lower() not in _NOISE and not re.fullmatch(r"[vV]?\d+", word)]
    name = camel(" ".join(kept[:4]) or title or "Api", fallback="Api")
    return f"{name}Client" if name in RESERVED else name


def _description(document: Document, socket: Socket, count: int) -> str:
    """What a connection is, in a paragraph."""
    channel = socket.channels[0]
    texts = [channel.description, channel.title] if count > 1 else [document.description]
    for text in (*texts, document.title):
        paragraph = text.strip().split("\n\n")[0].strip()
        if paragraph:
            return paragraph if paragraph[-1] in ".!?:;)" else f"{paragraph}."
    return ""
