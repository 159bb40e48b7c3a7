"""The targets by name, and the inputs that belong to each.

Three kinds of inputs are in the repository: seeds, which are written by hand in `fuzz/seeds/`; the corpus, which the
fuzzer found to reach something that the seeds do not; and findings, each of which was a defect once.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["ROOT", "TARGETS", "Target"]

ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Target:
    """A module of `fuzz` with a function `check`.

    Attributes:
        name: of the module.
        max_length: bytes of the longest input that is tried.
    """

    name: str
    max_length: int

    @property
    def check(self) -> Callable[[bytes], None]:
        """Raises where the property does not hold."""
        check: Callable[[bytes], None] = importlib.import_module(f"fuzz.{self.name}").check
        return check

    @property
    def seeds(self) -> dict[str, bytes]:
        """Inputs written by hand, by what they show."""
        seeds: dict[str, bytes] = importlib.import_module(f"fuzz.seeds.{self.name}").SEEDS
        return seeds

    @property
    def dictionary(self) -> tuple[bytes, ...]:
        """What the fuzzer puts in as a whole."""
        dictionary: tuple[bytes, ...] = importlib.import_module(f"fuzz.seeds.{self.name}").DICTIONARY
        return dictionary

    @property
    def corpus(self) -> Path:
        """The folder of the inputs that were found to reach something new."""
        return ROOT / "fuzz" / "corpus" / self.name

    @property
    def findings(self) -> Path:
        """The folder of the inputs that were defects."""
        return ROOT / "fuzz" / "findings" / self.name

    def inputs(self) -> dict[str, bytes]:
        """All of them, by what they are."""
        found = {f"seed {name}": data for name, data in self.seeds.items()}
        for kind, folder in (("corpus", self.corpus), ("finding", self.findings)):
            if folder.is_dir():
                found |= {f"{kind} {path.name}": path.read_bytes() for path in sorted(folder.iterdir())}
        return found

    def __str__(self) -> str:
        return self.name


TARGETS: Final = {
    target.name: target
    for target in (
        Target("handshake_response", 4096),
        Target("handshake_request", 4096),
        Target("frame_stream", 8192),
        Target("deflate_stream", 2048),
        Target("decode_json", 1024),
        Target("decode_pydantic", 1024),
        Target("decode_cbor", 1024),
        Target("decode_msgpack", 1024),
        Target("schema_document", 8192),
    )
}
