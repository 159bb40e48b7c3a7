"""TLS settings for servers and their clients."""

from __future__ import annotations

import ssl

import pytest

from tests.certificates import Certificates


@pytest.fixture(scope="session")
def server_tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    return Certificates(tmp_path_factory.mktemp("certificates")).server_context()
