"""`import typedws` is cheap: what a program does not use is not loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

PROGRAM = """
import sys, time
before = time.perf_counter()
import typedws
seconds = time.perf_counter() - before
import json
print(json.dumps({"seconds": seconds, "modules": sorted(sys.modules)}))
"""

MODEL_LIBRARIES = {"attrs", "cbor2", "pydantic", "pydantic_core"}
OTHER_EVENT_LOOPS = {"trio", "uvloop"}
TOOLS = {"typedws.cli", "typedws.schema", "typedws.testing", "argparse", "jinja2", "pytest", "yaml"}
OTHER_HTTP = {"aiohttp", "http.client", "http.server", "requests", "urllib.request", "uvicorn", "websockets"}


def import_typedws() -> Any:
    """Imports it in a new process."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=30)
    return json.loads(done.stdout)


def test_import_loads_nothing_that_is_not_used_yet(record_property: Callable[[str, object], None]) -> None:
    runs = [import_typedws() for _ in range(3)]
    record_property("import typedws", f"{min(run['seconds'] for run in runs) * 1000:.0f} ms")
    assert not set(runs[0]["modules"]) & (MODEL_LIBRARIES | OTHER_EVENT_LOOPS | TOOLS | OTHER_HTTP)
