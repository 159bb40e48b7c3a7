"""Operations: what the client does, as methods."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from typedws.schema.building.exchanges import Exchanges
from typedws.schema.building.messages import Messages
from typedws.schema.building.names import METHODS, snake, unique
from typedws.schema.building.traffic import Step, Traffic
from typedws.schema.contract.api import Operation

__all__ = ["operations_of"]

_VERBS: Final = ("send", "publish", "receive", "recv", "on", "handle", "pub", "sub", "emit")


def operations_of(traffic: Traffic, exchanges: Exchanges, messages: Messages) -> tuple[Operation, ...]:
    """The operations of a connection, in the order of the document."""
    shorts = [_short(step.label) for step in traffic.steps]
    made: list[Operation] = []
    taken: set[str] = set(METHODS)
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for step, short in zip(traffic.steps, shorts, strict=True):
        full = snake(step.label, fallback="operation")
        # A short name that two operations would have says too little.
        wanted = short if short and shorts.count(short) == 1 else full
        if step.replies is None and (wanted, step.sends) in seen:
            continue
        seen.add((wanted, step.sends))
        name = unique(f"send_{wanted}" if wanted in METHODS else wanted, taken)
        taken.add(name)
        made.append(_operation(name, step, exchanges, messages, traffic.incoming))
    return tuple(made)


def _operation(name: str, step: Step, exchanges: Exchanges, messages: Messages, incoming: Sequence[str]) -> Operation:
    operation = step.operation
    own = operation is not None and step.label == operation.key
    texts: list[str] = []
    if operation is not None and own:
        texts = [operation.summary or operation.title, operation.description]
    elif len(step.sends) == 1:
        texts = [messages.get(step.sends[0]).description]
    distinct = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    return Operation(
        name=name,
        key=operation.key if operation is not None else step.label,
        messages=step.sends,
        exchange=exchanges.of(step, incoming),
        channel=step.channel.key,
        description="\n\n".join(distinct),
        deprecated=operation is not None and own and operation.deprecated,
    )


def _short(label: str) -> str:
    """The name without the verb that says who sends: `sendCreateOrder` is `create_order`."""
    name = snake(label, fallback="operation")
    verb, _, rest = name.partition("_")
    if verb in _VERBS and rest and not re.match(r"\d", rest):
        return snake(rest, fallback="operation")
    return name
