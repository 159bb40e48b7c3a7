"""`python -m typedws` is the `typedws` command."""

from __future__ import annotations

import sys

from typedws.cli import main

sys.exit(main())
