"""Verdicts from a file, such as a bank's list of chargebacks, and those that wait for a payment."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from risk.config.settings import Settings
from risk.console.guard import form_of, text_of
from risk.console.site import site, viewer_of
from risk.engine.feedback import SOURCES, VERDICTS
from risk.errors import UserError
from risk.ops.feedback.file import USUAL, labels_of_file
from risk.ops.feedback.send import send
from sinks.feedback import waiting

MOST_BYTES: Final = 8 << 20
SHOWN: Final = 50
CHOICES: Final = {"source": SOURCES, "verdict": VERDICTS}


def page(request: Request) -> Response:
    """The form, and the verdicts whose payment has no score."""
    return _page(request, 200)


def take(request: Request) -> Response:
    """Send a file's verdicts: all of them or, unless bad rows are to be left out, none."""
    given = {name: text for name in ("known_at", *CHOICES) if (text := text_of(request, name))}
    skip = text_of(request, "skip") == "1"
    try:
        for name, choices in CHOICES.items():
            if given.get(name, choices[0]) not in choices:
                raise UserError(f"{name}: one of {', '.join(choices)}")
        found = _sent(site(request).settings, request, given, skip)
    except UserError as error:
        return _page(request, 400, problem=str(error), given=given, skip=skip)
    wrong = bool(found["faults"]) and not found["sent"]
    return _page(request, 400 if wrong else 200, given=given, skip=skip, **found)


def _sent(
    settings: Settings, request: Request, given: Mapping[str, str], skip: bool
) -> dict[str, Any]:
    """What became of the file: how many verdicts were sent, and the rows that are bad."""
    viewer = viewer_of(request)
    assert viewer is not None  # the table of routes asks for a lead
    file = form_of(request).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise UserError("Choose a file first.")
    try:
        text = file.file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            f"{file.filename}: byte {error.start} is not UTF-8: save it as UTF-8"
        ) from None
    now = time.time_ns() // 1_000_000
    lines = io.StringIO(text, newline="")
    count, found = labels_of_file(
        settings, lines, file.filename, {**given, "by": viewer.name}, now, "a day above"
    )
    usable = not found.faults or skip
    # Whoever sends a file answers for it, whatever its column "by" says.
    messages = [replace(one, by=viewer.name) for one in found.messages]
    sent = send(settings, messages) if usable and messages else 0
    return {"name": file.filename, "count": count, "sent": sent, "faults": found.faults}


def _page(request: Request, status: int, /, **values: Any) -> Response:
    own = site(request)
    total, some = waiting(own.settings, SHOWN)
    known = {"given": {}, "skip": False, "problem": "", "name": "", "faults": ()}
    shared = {"usual": USUAL, "choices": CHOICES, "total": total, "waiting": some, "shown": SHOWN}
    return own.page(request, "verdicts.html", status, **(known | shared | values))
