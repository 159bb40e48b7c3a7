"""Peers by others, started when a test first asks for one and ended with the session; and certificates for TLS."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.interop.peers import CLIENTS, SERVERS, Client, Server, running_client, running_server


@dataclass(frozen=True)
class Certificates:
    """A certificate for localhost and 127.0.0.1, and the authority that signed it."""

    chain: Path
    authority: Path

    def client_context(self) -> ssl.SSLContext:
        """What a client needs to trust the certificate."""
        return ssl.create_default_context(cafile=self.authority)

    def server_context(self) -> ssl.SSLContext:
        """What a server needs to show it."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.chain)
        return context


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    directory = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    made = Certificates(directory / "chain.pem", directory / "authority.pem")
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(made.chain))
    authority.cert_pem.write_to_path(str(made.authority))
    return made


@pytest.fixture(scope="session", params=SERVERS)
def server(request: pytest.FixtureRequest, certificates: Certificates) -> Iterator[Server]:
    """Each server by others in turn; a test names some of them with `@pytest.mark.parametrize(..., indirect=True)`."""
    with running_server(request.param, certificates.chain) as running:
        yield running


@pytest.fixture(scope="session", params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    """Each client by others in turn."""
    with running_client(request.param) as running:
        yield running
