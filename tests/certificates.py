"""Certificates for the tests that speak TLS, good ones and bad ones."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import trustme

LAST_YEAR = datetime(2020, 1, 1, tzinfo=UTC)
THE_YEAR_BEFORE = datetime(2019, 1, 1, tzinfo=UTC)
MUCH_LATER = datetime(2090, 1, 1, tzinfo=UTC)


class Certificates:
    """An authority, and what it signs.

    Args:
        directory: for a file that OpenSSL wants to read a key from.
    """

    def __init__(self, directory: Path) -> None:
        self._authority = trustme.CA()
        self._directory = directory

    def server_context(
        self, *names: str, expired: bool = False, early: bool = False, common_name: str | None = None
    ) -> ssl.SSLContext:
        """What a server needs to speak TLS under these names; localhost and 127.0.0.1 where there are none."""
        names = names or ("localhost", "127.0.0.1")
        if expired:
            leaf = self._authority.issue_cert(*names, not_before=THE_YEAR_BEFORE, not_after=LAST_YEAR)
        elif early:
            leaf = self._authority.issue_cert(*names, not_before=MUCH_LATER, not_after=MUCH_LATER.replace(year=2091))
        else:
            leaf = self._authority.issue_cert(*names, common_name=common_name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf.configure_cert(context)
        return context

    def self_signed_context(self) -> ssl.SSLContext:
        """A server that nobody vouches for but itself."""
        authority = trustme.CA()
        path = self._directory / "self-signed.pem"
        path.write_bytes(authority.private_key_pem.bytes() + authority.cert_pem.bytes())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def client_context(self) -> ssl.SSLContext:
        """What a client needs to trust the authority."""
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        return context

    def require_client_certificate(self, context: ssl.SSLContext) -> None:
        """Makes a server ask for a certificate that the authority has signed."""
        context.verify_mode = ssl.CERT_REQUIRED
        self._authority.configure_trust(context)

    def add_client_certificate(self, context: ssl.SSLContext) -> None:
        self._authority.issue_cert("client.test").configure_cert(context)
