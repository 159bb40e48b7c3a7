"""Measurements of typedws, each a command of its own."""
