"""A connected socket becomes a transport: the event loop's own, or on asyncio aiofastnet's, where it is installed.

aiofastnet calls OpenSSL directly, with the settings of an `ssl.SSLContext`. It knows nothing of what Python's `ssl`
adds to them: a context whose callbacks expect an `ssl.SSLObject` crashes the interpreter there. Such a context, and one
of a class that does more than `ssl` does, stays with the loop. `TYPEDWS_FAST=0` in the environment keeps all of them
there.

uvloop stays with its own as well: a reset does not always reach those who watch a socket through its `add_reader`.
"""

from __future__ import annotations

import asyncio
import functools
import os
import socket
import ssl
from types import ModuleType
from typing import Any, Final

__all__ = ["begin"]

_RECORDS: Final = 4 * (16 * 1024 + 64)
"""Bytes that TLS holds on the way in, and on the way out: a few records. aiofastnet's own 256 KiB would be as many
bytes of every connection that nothing else counts."""

_MISMATCHES: Final = {62: "Hostname", 64: "IP address"}
"""OpenSSL's numbers for a certificate that is for somebody else, and what it is that differs."""


async def begin(
    conduit: asyncio.Protocol,
    sock: socket.socket,
    context: ssl.SSLContext | None,
    *,
    server_side: bool = False,
    server_hostname: str | None = None,
) -> None:
    """Makes the conduit the protocol of the socket's transport, after the TLS handshake where there is a context.

    Raises:
        OSError: it failed. The socket may still be open, as it may when this is cancelled.
    """
    loop = asyncio.get_running_loop()
    options: dict[str, Any] = {"sock": sock, "ssl": context}
    if context is not None and not server_side:
        options["server_hostname"] = server_hostname
    fast = _aiofastnet(os.environ.get("TYPEDWS_FAST")) if _is_plain(loop, context) else None
    if fast is None:
        make = loop.connect_accepted_socket if server_side else loop.create_connection
        # Under TLS, uvloop returns a protocol of its own instead of ours.
        await make(lambda: conduit, **options)
        return
    make = fast.connect_accepted_socket if server_side else fast.create_connection
    if context is None:
        await make(loop, lambda: conduit, **options)
        return
    options |= {"ssl_incoming_bio_size": _RECORDS, "ssl_outgoing_bio_size": _RECORDS}
    try:
        await make(_TidyLoop(loop), lambda: conduit, **options)
    except ssl.SSLCertVerificationError as error:
        raise _in_words_of_python(error, server_hostname) from None


@functools.cache
def _aiofastnet(choice: str | None) -> ModuleType | None:
    """The package, imported for the first connection that may use it."""
    if choice == "0" or os.name != "posix":  # the loop of Windows watches no sockets
        return None
    try:
        import aiofastnet
    except ImportError:  # not installed, or it does not find its way into Python's OpenSSL
        return None
    return aiofastnet if aiofastnet.OPENSSL_DYN_LIBS is not None else None


def _is_plain(loop: asyncio.AbstractEventLoop, context: ssl.SSLContext | None) -> bool:
    """Whether the loop is asyncio's, and OpenSSL alone does what the context says."""
    if not type(loop).__module__.startswith("asyncio."):
        return False
    return context is None or (
        type(context).__module__ == "ssl"
        and context.sslobject_class is ssl.SSLObject
        and context.sni_callback is None
        and not context.keylog_filename
        and getattr(context, "_msg_callback", None) is None
        and not context.post_handshake_auth
        and not context.options & getattr(ssl, "OP_ENABLE_KTLS", 0)
    )


class _TidyLoop:
    """The loop, as the TLS of one connection sees it, which leaves behind what it should not.

    A transport that is aborted forgets the timer of its handshake, or of its end, and is kept in memory by it for up to
    a minute. It stops to read for good then, so that is when the timers go; where it only pauses there are none.

    A peer that hangs up during the handshake is told to us, and also to the loop's exception handler, as a class
    without an instance, which prints a traceback. Whoever knocks at a server's port could fill its log.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timers: list[asyncio.TimerHandle] = []

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._loop, name)
        setattr(self, name, value)  # it is asked for once
        return value

    def call_later(self, delay: float, callback: Any, *args: Any) -> asyncio.TimerHandle:
        timer = self._loop.call_later(delay, callback, *args)
        self._timers.append(timer)
        return timer

    def remove_reader(self, fd: Any) -> bool:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        return self._loop.remove_reader(fd)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if context.get("exception") is not ConnectionResetError:
            self._loop.call_exception_handler(context)


def _in_words_of_python(error: ssl.SSLCertVerificationError, name: str | None) -> ssl.SSLCertVerificationError:
    """The same error, as `ssl` words it."""
    text = error.verify_message
    if error.verify_code in _MISMATCHES:
        text = f"{_MISMATCHES[error.verify_code]} mismatch, certificate is not valid for {name!r}"
    told = ssl.SSLCertVerificationError(1, f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {text}")
    told.library, told.reason = "SSL", "CERTIFICATE_VERIFY_FAILED"
    told.verify_code, told.verify_message = error.verify_code, text
    return told
