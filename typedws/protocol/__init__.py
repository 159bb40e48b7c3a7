"""The WebSocket protocol, sans-IO: bytes in, events and bytes out (RFC 6455, RFC 7692)."""
