"""What has been done for a day, step by step: so a second run goes on where the first one died."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from risk.errors import UserError
from risk.ops.files import replace
from risk.verify.retrain.plan import Plan

FILE: Final = "steps.json"
_Result = TypeVar("_Result")


class Step(msgspec.Struct, frozen=True):
    """A step that is done: what came of it, and the SHA-256 of each file that it wrote."""

    result: Any
    files: dict[str, str]


class Steps(msgspec.Struct):
    """The steps of a day. `plan` is the SHA-256 of the plan that it was begun by."""

    plan: str
    done: dict[str, Step] = {}


class Journal:
    """The steps of a day, in its folder. Each is noted when all of its files are there."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        """Raises `UserError` if the day was begun by another plan, or can't be read."""
        self.folder = folder
        own = hashlib.sha256(msgspec.json.encode(plan)).hexdigest()
        self._steps = self._read() or Steps(own)
        if self._steps.plan != own:
            raise UserError(
                f"{folder}: the day was begun by other settings: remove the folder to begin anew"
            )

    def has(self, name: str) -> bool:
        """Whether a step is done."""
        return name in self._steps.done

    def result(self, name: str, kind: type[_Result]) -> _Result:
        """What came of a step. Raises `UserError` if a file that it wrote isn't what it was."""
        step = self._steps.done[name]
        for path, wanted in step.files.items():
            if _sha256(self.folder / path) != wanted:
                raise UserError(
                    f"{self.folder / path}: it isn't what the step {name} wrote: remove "
                    f"{self.folder} to begin the day anew"
                )
        try:
            return msgspec.convert(step.result, kind)
        except msgspec.ValidationError as error:
            raise UserError(f"{self.folder / FILE}: {name}: {error}: remove the folder") from None

    def do(
        self,
        name: str,
        kind: type[_Result],
        work: Callable[[], tuple[_Result, Sequence[str]]],
    ) -> _Result:
        """What came of a step; if it isn't done yet, it is done now.

        `work` gives its result, and the files that it wrote, by their paths in the folder.
        """
        if not self.has(name):
            found, files = work()
            hashes = {path: _sha256(self.folder / path) for path in files}
            self._steps.done[name] = Step(msgspec.to_builtins(found), hashes)
            text = msgspec.json.format(msgspec.json.encode(self._steps), indent=1)
            replace(self.folder / FILE, text + b"\n")
        return self.result(name, kind)

    def _read(self) -> Steps | None:
        path = self.folder / FILE
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return msgspec.json.decode(path.read_bytes(), type=Steps)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UserError(f"{path}: {error.strerror}") from None
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise UserError(f"{path}: {error}: remove the folder to begin anew") from None


def _sha256(path: Path) -> str:
    """Of a file; an empty text if there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
