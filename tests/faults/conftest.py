from __future__ import annotations

import pytest

from tests.certificates import Certificates


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=["ws", "wss"])
def tls(request: pytest.FixtureRequest, certificates: Certificates) -> Certificates | None:
    """Both kinds of connection: certificates where TLS is spoken."""
    return certificates if request.param == "wss" else None
