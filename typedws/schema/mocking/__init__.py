"""The mock server: serves an API from its document, for tests and for trying a client."""

from __future__ import annotations

from typedws.schema.mocking.command import run_mock
from typedws.schema.mocking.guest import Guest
from typedws.schema.mocking.opening import mock
from typedws.schema.mocking.records import Problem
from typedws.schema.mocking.server import MockServer

__all__ = ["Guest", "MockServer", "Problem", "mock", "run_mock"]
