"""One target, led by coverage: libFuzzer keeps inputs that reach code which none has reached.

It runs in `.venv-fuzz`, started by `tests.fuzz.drive`, and tells what `tests.fuzz.child` does. What
is found is noted and doesn't end the run.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Final

import atheris

from tests.fuzz.child import TOLD_S, tell
from tests.fuzz.drive import Current, Word
from tests.fuzz.run import Run, file_name

PACKAGES: Final = ["risk", "sinks", "generator", "flink_jobs"]


def main() -> None:
    """TARGET SEED INPUTS SECONDS CURRENT."""
    name, seed, inputs, seconds, path = sys.argv[1:]
    with atheris.instrument_imports(include=PACKAGES):
        from tests.fuzz.targets import target

        run = Run(target(name), int(seed))
    current = Current(Path(path))
    begun = told = time.monotonic()

    def one(data: bytes) -> None:
        nonlocal told
        current.set(data)
        run.take(data)
        now = time.monotonic()
        if run.figures.inputs >= int(inputs) or now - begun > float(seconds):
            tell(Word(run.figures, [*run.findings.values()], ended=True))
            os._exit(0)
        if now - told > TOLD_S:
            tell(Word(run.figures))
            told = now

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        if seed % 2:
            return bytes(atheris.Mutate(data, most))
        return run.mutator.again(data, seed)[:most]

    folder = Path(path).parent / "reached"
    folder.mkdir(exist_ok=True)
    for data in (*run.target.corpus(), *run.target.seeds):
        (folder / file_name(data)).write_bytes(data)
    options = [f"-seed={seed}", f"-max_len={run.target.most}", "-timeout=600", "-rss_limit_mb=4096"]
    atheris.Setup([sys.argv[0], *options, str(folder)], one, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
