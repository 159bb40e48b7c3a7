"""What was measured, kept as JSON: tables and picture are drawn from it, and a later run adds to it."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.works import WORKS

__all__ = ["FILE", "Figure", "Results"]

FILE = Path(__file__).parent / "results.json"
PACKAGES = ("msgspec", "pydantic", "cbor2", "uvloop", "trio", "websockets", "aiohttp", "picows", "httpx-ws")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Args:
        measure: what was measured: "instructions", "cpu", "ratio", "memory", and so on.
        work: at what.
        setting: in which circumstances, as `Setting.key` says it.
        client: of whom.
        value: how much.
    """

    measure: str
    work: str
    setting: str
    client: str
    value: float


class Results:
    """Figures by what they are of; a new one replaces an old one of the same."""

    def __init__(self) -> None:
        self.about: dict[str, Any] = {}
        self._figures: dict[tuple[str, str, str, str], float] = {}

    @classmethod
    def load(cls) -> Results:
        results = cls()
        if FILE.exists():
            kept = json.loads(FILE.read_text(encoding="utf-8"))
            results.about = kept["about"]
            for figure in kept["figures"]:
                results.put(Figure(**figure))
        return results

    def put(self, figure: Figure) -> None:
        self._figures[figure.measure, figure.work, figure.setting, figure.client] = figure.value

    def value(self, measure: str, work: str, setting: str, client: str) -> float | None:
        return self._figures.get((measure, work, setting, client))

    def rows(self, measure: str) -> list[tuple[str, str]]:
        """Works and settings that this was measured for: works in their order, settings in the order of measuring."""
        rows = dict.fromkeys((work, setting) for kind, work, setting, _ in self._figures if kind == measure)
        places = {work: place for place, work in enumerate(WORKS)}
        return sorted(rows, key=lambda row: places.get(row[0], len(places)))

    def save(self) -> None:
        figures = [asdict(Figure(*key, value=round(value, 3))) for key, value in self._figures.items()]
        self.about = about()
        lines = ",\n  ".join(json.dumps(figure) for figure in figures)
        text = f'{{"about": {json.dumps(self.about, indent=1)},\n "figures": [\n  {lines}\n]}}\n'
        FILE.write_text(text, encoding="utf-8")


def about() -> dict[str, Any]:
    """The date, the machine, and the versions."""
    import typedws.protocol

    versions = {"typedws": importlib.metadata.version("typedws")}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "date": datetime.date.today().isoformat(),
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "compiled": bool(getattr(typedws.protocol, "compiled", False)),
        "versions": versions,
    }


def processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown processor"
