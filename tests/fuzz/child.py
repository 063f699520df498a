"""One target in this process, told by lines of JSON. `tests.fuzz.drive` starts it."""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path
from typing import Final

import msgspec

from tests.fuzz.drive import Current, Word, limit_memory
from tests.fuzz.run import Run
from tests.fuzz.targets import target

TOLD_S: Final = 2.0


def main() -> None:
    """TARGET SEED INPUTS SECONDS CURRENT."""
    name, seed, inputs, seconds, path = sys.argv[1:]
    run = Run(target(name), int(seed))
    current = Current(Path(path))
    gc.freeze()
    limit_memory()
    begun = told = time.monotonic()
    for data in run.inputs(int(inputs)):
        current.set(data)
        run.take(data)
        now = time.monotonic()
        if now - told > TOLD_S:
            tell(Word(run.figures))
            told = now
        if now - begun > float(seconds):
            break
    tell(Word(run.figures, [*run.findings.values()], ended=True))


def tell(word: Word) -> None:
    """One line of JSON."""
    sys.stdout.buffer.write(msgspec.json.encode(word) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
