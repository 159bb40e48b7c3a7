"""Runs a target for some time, keeps the inputs that reach something new, and says what was found.

Each target runs in a process of its own, in which it may use so much memory and time for an input as `LIMITS` says.
What it finds is in `fuzz/findings/`, and ends its run. What reaches a branch that no seed and no input of the corpus
reached goes to `fuzz/corpus/`; much more, which is of use to the next run on this machine only, stays in `.fuzz/`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from fuzz.support.targets import ROOT, Target

__all__ = ["MAX_CORPUS_BYTES", "MAX_CORPUS_FILES", "Outcome", "run"]

LIMITS: Final = ("-timeout=20", "-rss_limit_mb=1024", "-report_slow_units=20")
"""Seconds for one input, megabytes for the process."""

MAX_CORPUS_FILES: Final = 200
MAX_CORPUS_BYTES: Final = 300_000
"""Of one target: everybody who clones the repository has them."""

WORK: Final = ROOT / ".fuzz"
GRACE: Final = 120
"""Seconds that a process may take beyond what it was given."""

NAME_LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did.

    Attributes:
        name: of the target.
        seconds: that it ran.
        processor_seconds: that it had the processor.
        executions: inputs that were tried.
        edges: branches that are reached by the corpus and the seeds.
        added: inputs that are new in the corpus.
        findings: files of new findings.
        words: what the target said last, where there is a finding.
    """

    name: str
    seconds: float
    processor_seconds: float
    executions: int
    edges: int
    added: int
    findings: tuple[Path, ...]
    words: str

    def __str__(self) -> str:
        text = (
            f"{self.name:20} {self.executions:>10,} executions in {self.seconds:5.0f} s "
            f"({self.processor_seconds:5.0f} s of CPU), {self.edges:5} edges, "
            f"{self.added:3} new in the corpus, {len(self.findings)} findings"
        )
        for path in self.findings:
            text += f"\n    {path.relative_to(ROOT)}"
        return f"{text}\n{self.words}" if self.words else text


def run(target: Target, seconds: int, *, minimise: bool = False) -> Outcome:
    """Runs a target.

    Args:
        target: which one.
        seconds: how long it looks for inputs; reading the known ones at the start, and choosing which to keep at the
            end, take some more.
        minimise: whether the corpus is chosen anew, out of all that is known.
    """
    work = WORK / target.name
    for folder in (work, target.corpus, target.findings):
        folder.mkdir(parents=True, exist_ok=True)
    before = _names(target.findings)
    with TemporaryDirectory(prefix="typedws-fuzz-") as temporary:
        seeds = Path(temporary) / "seeds"
        seeds.mkdir()
        for number, data in enumerate(target.seeds.values()):
            (seeds / f"seed-{number}").write_bytes(data)
        dictionary = Path(temporary) / "dictionary"
        dictionary.write_text("".join(f'"{_escaped(token)}"\n' for token in target.dictionary), encoding="ascii")
        known = [str(folder) for folder in (seeds, target.corpus, target.findings)]
        start, had = time.monotonic(), _processor_seconds()
        said = _execute(
            target,
            [
                f"-max_total_time={seconds}",
                f"-max_len={target.max_length}",
                f"-dict={dictionary}",
                f"-artifact_prefix={target.findings}{os.sep}",
                "-print_final_stats=1",
                str(work),
                *known,
            ],
            seconds,
        )
        taken, used = time.monotonic() - start, _processor_seconds() - had
        found = tuple(target.findings / name for name in sorted(_names(target.findings) - before))
        added, edges = (0, 0) if found else _keep(target, seeds, work, minimise=minimise)
    executions = re.search(r"stat::number_of_executed_units:\s*(\d+)", said)
    failed = bool(found) or executions is None
    return Outcome(
        name=target.name,
        seconds=taken,
        processor_seconds=used,
        executions=int(executions[1]) if executions else 0,
        edges=edges or max((int(each) for each in re.findall(r" cov: (\d+)", said)), default=0),
        added=added,
        findings=found,
        words=_last_words(said) if failed else "",
    )


def _keep(target: Target, seeds: Path, work: Path, *, minimise: bool) -> tuple[int, int]:
    """Takes into the corpus what reaches more than it, the smallest inputs first; how many, and what is reached."""
    with TemporaryDirectory(prefix="typedws-fuzz-") as temporary:
        merged = Path(temporary) / "merged"
        shutil.copytree(seeds, merged)
        if not minimise:
            shutil.copytree(target.corpus, merged, dirs_exist_ok=True)
        base = _names(merged)
        # Without counters: how often a branch is taken makes ten times as many inputs, and these are to be few.
        said = _execute(target, ["-merge=1", "-use_counters=0", str(merged), str(target.corpus), str(work)], 600)
        chosen = sorted((merged / name for name in _names(merged) - base), key=lambda path: path.stat().st_size)
        if minimise:
            shutil.rmtree(target.corpus)
            target.corpus.mkdir()
        kept = [path.stat().st_size for path in target.corpus.iterdir()]
        added = 0
        for path in chosen:
            size = path.stat().st_size
            if len(kept) >= MAX_CORPUS_FILES or sum(kept) + size > MAX_CORPUS_BYTES:
                print(f"{target}: the corpus is full; --minimise chooses it anew")
                break
            shutil.copyfile(path, target.corpus / path.name[:NAME_LENGTH])
            kept.append(size)
            added += 1
    edges = re.findall(r"DONE\s+cov: (\d+)", said)
    return added, int(edges[-1]) if edges else 0


def _execute(target: Target, arguments: list[str], seconds: int) -> str:
    """What a target said, run with these arguments; all of it is in `.fuzz/` as well."""
    command = [sys.executable, "-m", "fuzz.support.instrumented", target.name, *LIMITS, *arguments]
    # A coverage of compiled code is not seen.
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TYPEDWS_PLAIN": "1", "PYTHONHASHSEED": "0"}
    log = WORK / f"{target.name}.log"
    with open(log, "wb") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        )
        try:
            process.wait(seconds + GRACE)
        except subprocess.TimeoutExpired:
            print(f"{target}: it did not end in time")
        finally:
            process.kill()
            process.wait()
    return log.read_text(encoding="utf-8", errors="replace")


def _processor_seconds() -> float:
    """What all processes that were started here, and have ended, used."""
    used = os.times()
    return used.children_user + used.children_system


def _last_words(said: str) -> str:
    """The traceback of a finding, or how the log ends."""
    _, mark, traceback = said.rpartition("Uncaught Python exception")
    lines = traceback.splitlines()[1:25] if mark else said.splitlines()[-15:]
    return "\n".join(f"    | {line[:160]}" for line in lines)


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _escaped(token: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}" for byte in token)
