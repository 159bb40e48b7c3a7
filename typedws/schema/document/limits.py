"""How much a document may be: beyond these it is refused, so that none takes all the time or memory there is.

The largest documents of AsyncAPI that are known have 300 kB; a file of OpenAPI that they refer to may have a few MB.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_DIGITS",
    "MAX_EVENTS",
    "MAX_FILES",
    "MAX_REFERENCES",
    "MAX_REMARKS",
    "MAX_TAG",
    "MAX_TOTAL_BYTES",
    "MAX_VALUES",
    "MAX_YAML_BYTES",
]

MAX_BYTES: Final = 16 * 1024 * 1024
"""Bytes of one file."""

MAX_YAML_BYTES: Final = 3 * 1024 * 1024
"""Bytes of all YAML files together: they are read by a parser in plain Python, at about 1 MB per second."""

MAX_TOTAL_BYTES: Final = 32 * 1024 * 1024
"""Bytes of all files of a document together."""

MAX_FILES: Final = 500
"""Files of a document."""

MAX_EVENTS: Final = 120_000
"""Keys and values of all YAML files together, as they are written; about 30,000 are read per second."""

MAX_VALUES: Final = 1_000_000
"""Values of a file; those that a YAML alias repeats count each time."""

MAX_DEPTH: Final = 200
"""Objects and arrays inside each other."""

MAX_DIGITS: Final = 400
"""Digits of a whole number; a float cannot hold more either."""

MAX_REFERENCES: Final = 100
"""References that lead to references, in a row."""

MAX_REMARKS: Final = 100
"""Remarks on how one file is written."""

MAX_TAG: Final = 1000
"""Characters of a YAML tag or anchor, for which the parser takes time by the square of their length."""
