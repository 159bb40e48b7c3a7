"""What generated clients import: the connection, its messages, and what happens on it.

    connection     the base of a generated class; enters and leaves            feed          who reads, and for whom
    endpoint       the one session, and the next one when it is lost           turns         one waiter at a time reads
    exchanges      requests and their replies                                  mailbox       bounded buffers
    subscriptions  topics on a shared connection                               address       URL, header fields, secrets
    messages       frames to values and back                                   deciding      which message a frame is
    choosing       the steps of a decision                                     peeking       a look at a payload
    model          the base of generated pydantic models                       options       what `connect` takes

Nothing here imports pydantic or cbor2 before a message needs it.
"""

from __future__ import annotations
