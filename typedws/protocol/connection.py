"""One end of an open WebSocket: message assembly and the close state machine, without I/O (RFC 6455 sections 5 to 7).

Bytes go into `receive_data`. What comes of them is in `backlog` (frames for the application), in `pongs` (payloads of
received Pongs) and in `data_to_send` (bytes that we owe: Pongs and the echo of a Close). Sending returns bytes.

Theory of operation. Each direction ends once, with a Close, so the state is two values: `sent` and `received`.

    sent   received
    None   None       open
    set    None       closing: we wait for the peer's Close. Its data is discarded, its control frames are read
    set    set        closed: all further input is discarded
    None   set        never: a Close is echoed when it is read (section 5.5.1)

Besides, the peer may break a rule. That is noticed where it stands in the stream, while earlier messages may still wait
in the backlog, so it is only noted in `violation`, and reading stops; sending still works, as the peer may be waiting
for answers to those earlier messages. `fail` acts on it: the Close goes out and the connection counts as closed. The
owner of the connection decides when.

Reading also stops while the backlog is full; `resume` goes on. Control frames behind that point wait too.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from typedws.close import CloseReason, check_sendable, truncate_message
from typedws.errors import FrameTooBigError, LocalProtocolError, ProtocolError, RemoteProtocolError
from typedws.frames import CloseFrame, DataFrame, Frame, PingFrame, PongFrame, TextFrame
from typedws.protocol import compiled
from typedws.protocol.assembly import Assembler
from typedws.protocol.backlog import ALONE, Backlog
from typedws.protocol.close_frames import parse_close
from typedws.protocol.codec import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FIN,
    PING,
    PONG,
    TEXT,
    Header,
    HeaderReader,
)
from typedws.protocol.deflate import DeflateParameters
from typedws.protocol.framing import encode_frame
from typedws.protocol.masking import apply_mask
from typedws.protocol.sending import Sender
from typedws.protocol.text import is_ascii

__all__ = ["Connection"]

if compiled or TYPE_CHECKING:
    from typedws.protocol._landing import Landing

LARGE: Final = 64 * 1024
"""Payloads beyond this are received into their own memory, where that can be done: in the compiled form."""

MAX_OWED_PONGS: Final = 32
"""Section 5.5.3 allows to answer only the latest of several Pings; so a flood of them cannot fill our memory."""


class Connection:
    """The protocol after the opening handshake.

    Args:
        client: which end this is: a client masks what it sends, a server must get masked frames (section 5.1).
        max_frame_size: bytes of one received frame; settable, from the next header on.
        max_message_size: bytes of one received message, joined and inflated; settable, from the next header on.
        max_queued_messages: messages in the backlog at which reading stops.
        max_queued_bytes: payload bytes in the backlog at which reading stops.
        deflate: what was negotiated for permessage-deflate, or None.
        raw: whether control frames and single fragments go to the backlog.
        bare: the kind of whole messages that are put into the backlog as bare payloads: `bytes`, not frames. It saves
            making a frame of every message where only its payload is wanted. None, or raw, for frames only.

    Attributes:
        backlog: received frames and bare payloads; the owner takes them.
        pongs: payloads of received Pongs, oldest first; the owner empties it.
        sent: the Close that was sent, with 1005 for an empty one, or None.
        received: the Close that was received, with 1005 for an empty one, or None.
        by_peer: whether the peer's Close came before ours.
        bare: the kind of the bare payloads, or None.
        sender: what makes the bytes of messages, Pings and Pongs.
        violation: what the peer did wrong, from the moment it was read, or None.
        failed: whether `fail` has been called.
    """

    def __init__(
        self,
        *,
        client: bool,
        max_frame_size: int,
        max_message_size: int,
        max_queued_messages: int,
        max_queued_bytes: int,
        deflate: DeflateParameters | None = None,
        raw: bool = False,
        bare: type[DataFrame] | None = None,
    ) -> None:
        self.client = client
        self._max_frame_size = max_frame_size
        self._max_message_size = max_message_size
        self._limit = 0
        self.backlog = Backlog(max_messages=max_queued_messages, max_bytes=max_queued_bytes)
        self._ready = self.backlog.ready
        self._later = self.backlog.later
        self._arrived = self.backlog.arrived
        self.pongs: list[bytes] = []
        self.sent: CloseReason | None = None
        self.received: CloseReason | None = None
        self.by_peer = False
        self.violation: ProtocolError | None = None
        self.failed = False

        self._raw = raw
        self.bare = None if raw else bare
        self._bare_opcode = 0 if self.bare is None else TEXT if self.bare is TextFrame else BINARY
        self.sender = Sender(client=client, deflate=deflate, raw=raw, bare=self.bare)
        self._assembler = Assembler(max_message_size=max_message_size, deflate=deflate, raw=raw)

        self._unread = b""
        self._owed_pongs: tuple[bytes, ...] = ()
        self._owed_close = b""

        # The frame being read; without one, a header comes next.
        self._headers = HeaderReader(masked=not client, compressed=deflate is not None)
        self._header: Header | None = None
        self._between_frames = True
        self._remaining = 0
        self._control = bytearray()
        # Whether the next byte begins a message, and nothing has ended: `scan` may have all that comes.
        self._is_at_rest = True
        self._landing: Landing | None = None
        # How messages begin that come alone, where they need no more than a look; -1 for never. And how long they may
        # be, header included: 0 while there is no rest.
        has_room = max_queued_messages > 1 and max_queued_bytes > ALONE
        self._usual = FIN | self._bare_opcode if client and self._bare_opcode and has_room else -1
        self._takes_any = self._bare_opcode == BINARY
        self._longest_alone = 0
        self._set_limit()

    # Receiving.

    @property
    def max_frame_size(self) -> int:
        return self._max_frame_size

    @max_frame_size.setter
    def max_frame_size(self, size: int) -> None:
        self._max_frame_size = size
        self._set_limit()

    @property
    def max_message_size(self) -> int:
        return self._max_message_size

    @max_message_size.setter
    def max_message_size(self, size: int) -> None:
        self._max_message_size = self._assembler.max_message_size = size
        self._set_limit()

    def _set_limit(self) -> None:
        self._limit = min(self._max_frame_size, self._max_message_size, sys.maxsize)
        self._rest(self._is_at_rest)

    def _rest(self, is_at_rest: bool) -> None:
        self._is_at_rest = is_at_rest
        self._longest_alone = 2 + min(self._limit, ALONE) if is_at_rest else 0

    @property
    def is_full(self) -> bool:
        """Whether the backlog has as much as it may hold."""
        return self.backlog.is_full()

    @property
    def has_news(self) -> bool:
        """Whether there is more to look at than the backlog: Pongs, bytes that we owe, the peer's Close, or a
        violation."""
        owed = self._owed_pongs or self._owed_close
        return bool(self.pongs or owed) or self.received is not None or self.violation is not None

    @property
    def is_stalled(self) -> bool:
        """Whether bytes that were received wait until the backlog has room."""
        return bool(self._unread)

    def receive_data(self, data: bytes) -> bool:
        """Takes bytes from the peer. Never raises: see `violation`.

        Returns:
            whether there is more to look at than messages: `has_news`, `is_full`, or another `is_landing` than before.
        """
        # In a conversation a small message comes alone most often: one look instead of a loop.
        size = len(data)
        if 1 < size <= self._longest_alone and data[0] == self._usual and data[1] == size - 2:
            payload = data[2:]
            there_is = self._ready or self._later or self._arrived
            if not there_is and (self._takes_any or is_ascii(payload)):
                self._ready.append(payload)
                return False
        start = 0
        if self._is_at_rest:
            start = self.backlog.scan(data, 0, not self.client, self._limit, self._bare_opcode)
            if start == len(data):
                return self.backlog.is_full()
            self._rest(False)
        was_landing = self._landing is not None
        self._read_on(data, start)
        return self.has_news or self.backlog.is_full() or (self._landing is not None) is not was_landing

    def _read_on(self, data: bytes, start: int) -> None:
        data, self._unread = self._unread + data, b""
        if self.received is not None or self.violation is not None:
            return
        try:
            self._unread = self._read(data, start)
        except (RemoteProtocolError, FrameTooBigError) as error:
            # Without its traceback, which would keep the bytes alive that were being read.
            self.violation = error.with_traceback(None)
        self._rest_or_not()

    def _rest_or_not(self) -> None:
        self._rest(
            self._header is None
            and self._between_frames
            and self._assembler.is_between_messages
            and not self._unread
            and self.sent is None
            and self.received is None
            and self.violation is None
        )
        if self.violation is not None:
            self._landing = None

    @property
    def is_landing(self) -> bool:
        """Whether a large message is being received that has a `window`."""
        return self._landing is not None

    def window(self) -> memoryview | None:
        """Memory of a large message into which its next bytes can be read; `landed` is then called instead of
        `receive_data`. None where there is no such message. To be used before any other call."""
        return None if self._landing is None else self._landing.window()

    def landed(self, count: int) -> bool:
        """So many bytes were read into the `window`. Never raises, and returns as `receive_data` does."""
        landing = self._landing
        header = self._header
        if landing is None or header is None:
            return False  # this end has closed between the two calls
        try:
            self._assembler.check(landing.advance(count))
            self._remaining -= count
            if not self._remaining:
                self._header = None
                self._end_frame(header)
        except (RemoteProtocolError, FrameTooBigError) as error:
            self.violation = error.with_traceback(None)
        self._rest_or_not()
        return self._landing is None

    def discard(self) -> None:
        """Gives up the bytes that wait for room: nobody is going to take what is in them."""
        self._unread = b""

    def resume(self) -> None:
        """Goes on with the bytes that waited for room in the backlog."""
        self.receive_data(b"")

    def _read(self, data: bytes, start: int) -> bytes:
        """Reads on in `data`, and returns what it left because the backlog is full."""
        end = len(data)
        while start < end and self.received is None:
            if self._header is None:
                if self.sent is None:
                    if self._between_frames and self._assembler.is_between_messages:
                        start = self.backlog.scan(data, start, not self.client, self._limit, self._bare_opcode)
                        start = self._assembler.scan(
                            data, start, not self.client, self._limit, self._bare_opcode, self.backlog
                        )
                        if start == end:
                            break
                    if self.backlog.is_full():
                        return data[start:]
                header, start = self._headers.feed(data, start, self._max_frame_size)
                if header is None:
                    self._between_frames = False
                    break
                self._between_frames = True
                self._begin_frame(header)
            else:
                header = self._header
            stop = min(end, start + self._remaining)
            if stop > start:
                self._add(header, data[start:stop])
                start = stop
            if not self._remaining:
                self._header = None
                self._end_frame(header)
        return b""

    def _begin_frame(self, header: Header) -> None:
        self._header = header
        self._remaining = header.length
        self._landing = None
        if header.is_control:
            self._control.clear()
        elif self.sent is None:
            self._assembler.begin(header)
            if compiled and header.length > LARGE and header.fin and not header.rsv1 and header.opcode != CONTINUATION:
                self._landing = Landing(header.length, header.key)

    def _add(self, header: Header, piece: bytes) -> None:
        """Takes a piece of the current frame's payload."""
        read = header.length - self._remaining
        self._remaining -= len(piece)
        if self._landing is not None:
            self._assembler.check(self._landing.write(piece))
            return
        if header.key is not None:
            piece = apply_mask(piece, header.key, read)
        if header.is_control:
            self._control += piece
        elif self.sent is None:
            self._assembler.add(piece)

    def _end_frame(self, header: Header) -> None:
        if header.is_control:
            self._end_control(header.opcode, bytes(self._control))
        elif self.sent is None:
            landed = None if self._landing is None else self._landing.finish()
            self._landing = None
            frame = self._assembler.end(header.fin, landed)
            if frame is not None:
                self._put(frame)

    def _put(self, frame: Frame) -> None:
        data = frame.data
        self.backlog.put(data if type(frame) is self.bare else frame, len(data))

    def _end_control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            if self.sent is None:
                self._owed_pongs = (*self._owed_pongs[1 - MAX_OWED_PONGS :], payload)
                if self._raw:
                    self._put(PingFrame(payload))
        elif opcode == PONG:
            self.pongs.append(payload)
            if self._raw and self.sent is None:
                self._put(PongFrame(payload))
        else:
            self._receive_close(payload)

    def _receive_close(self, payload: bytes) -> None:
        reason = parse_close(payload)
        if self.sent is None:
            # Section 5.5.1: answer with a Close, echoing the code.
            self.by_peer = True
            self._owed_close = encode_frame(FIN | CLOSE, payload[:2], self.client)
            self.sent = CloseReason(reason.code)
            if self._raw:
                self._put(CloseFrame(reason))
        self.received = reason

    # Sending.

    def data_to_send(self) -> bytes:
        """The bytes that we owe the peer: Pongs and the echo of its Close. They are owed no more afterwards."""
        owed = b"".join([self.sender.pong(payload) for payload in self._owed_pongs])
        self._owed_pongs = ()
        owed += self._owed_close
        self._owed_close = b""
        return owed

    def close(self, reason: CloseReason) -> bytes:
        """The bytes of our Close. What the backlog holds stays; data that comes later is discarded.

        Raises:
            ValueError: the code may not be sent, or the message is too long.
            LocalProtocolError: a Close was sent before.
        """
        payload = check_sendable(reason)
        if self.sent is not None:
            raise LocalProtocolError("a Close was sent already")
        self.sent = reason
        self._rest(False)
        self._landing = None
        self._owed_pongs = ()
        return encode_frame(FIN | CLOSE, payload, self.client)

    def fail(self, error: ProtocolError, reason: CloseReason) -> bytes:
        """The bytes of the Close that ends the connection because of `error`; all later input is discarded."""
        self.violation = error
        self.failed = True
        self._rest(False)
        self._unread = b""
        if self.sent is not None:
            return b""
        return self.close(CloseReason(reason.code, truncate_message(reason.message)))
