"""`import typedws` is cheap: what a program does not use is not loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROGRAM = """
import sys, time
before = time.process_time()
import typedws
seconds = time.process_time() - before
import json
print(json.dumps({"seconds": seconds, "modules": sorted(sys.modules)}))
"""

MODEL_LIBRARIES = {"attrs", "cbor2", "pydantic", "pydantic_core"}
OTHER_EVENT_LOOPS = {"trio", "uvloop"}
TOOLS = {"typedws.cli", "typedws.schema", "typedws.testing", "argparse", "jinja2", "pytest", "yaml"}
HANDSHAKE = {"email.utils", "h11", "wsproto"}
OTHER_HTTP = {"aiohttp", "http.client", "http.server", "requests", "urllib.request", "uvicorn", "websockets"}


def import_typedws(bytecode: Path) -> Any:
    """Imports it in a new process, which keeps its bytecode in a directory: whatever is installed has it."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(bytecode), "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30, env=environment)
    return json.loads(done.stdout)


def test_import_loads_nothing_that_is_not_used_yet(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    runs = [import_typedws(tmp_path) for _ in range(4)]
    record_property("import typedws", f"{min(run['seconds'] for run in runs) * 1000:.0f} ms")
    assert not set(runs[0]["modules"]) & (MODEL_LIBRARIES | OTHER_EVENT_LOOPS | TOOLS | HANDSHAKE | OTHER_HTTP)
