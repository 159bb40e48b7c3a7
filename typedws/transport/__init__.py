"""Drivers: what moves bytes and time between the operating system and a wire. `interface` says what they offer."""
