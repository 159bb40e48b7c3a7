"""What generated clients import: the connection, its messages, and what happens on it.

    connection     the base of a generated class                               feed          who reads, and for whom
    block          enters and leaves                                           sending       who sends, and waits to
    endpoint       the one session, and the next one when it is lost           turns         one waiter at a time reads
    opening        what is done on a new session first: `on_open`              room          bounds of what waits
    exchanges      requests and their replies                                  mailbox       bounded buffers
    asking         one request, from sending to result                         failures      what it can end in
    subscriptions  who has subscribed to what                                  topics        what a request is for
    address        URL and header fields                                       secrecy       names of secrets
    messages       frames to values and back                                   deciding      which message a frame is
    choosing       the steps of a decision                                     peeking       a look at a payload
    model          the base of generated pydantic models                       options       what `connect` takes

Nothing here imports pydantic or cbor2 before a message needs it.
"""

from __future__ import annotations
