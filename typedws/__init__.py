"""Typed messages over WebSocket, on asyncio and trio, at both ends."""

__version__ = "0.1.0"
