"""Notes of a case, with files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from risk.config.settings import Settings
from risk.ops.actor import Actor
from risk.ops.cases import machine
from risk.ops.cases.texts import checked_name, checked_text
from risk.ops.refusal import Invalid, NotFound
from risk.registry.cases import notes, store
from risk.registry.cases.notes import Attachment
from risk.registry.cases.records import FileContent
from risk.registry.cases.session import within

MAX_NOTE: Final = 10_000
MOST_FILES: Final = 10
MAX_FILE_NAME: Final = 200
_MEDIA_TYPE: Final = re.compile(r"[a-z]+/[A-Za-z0-9.+-]{1,100}")


def add_note(
    settings: Settings, case_id: int, actor: Actor, text: str, files: Sequence[Attachment] = ()
) -> int:
    """Keep a note of a case, and files with it; its id. A note changes no revision.

    Raises `NotFound`, `NotAllowed`, and `Invalid` for what is too long, too large or empty.
    """
    checked_name("who", actor.name)
    text = checked_text(text.strip(), "note", MAX_NOTE)
    if not text and not files:
        raise Invalid("note: write something, or add a file")
    if len(files) > MOST_FILES:
        raise Invalid(f"files: {len(files)} of them: up to {MOST_FILES} are kept with a note")
    kept = [_checked(file, settings.cases.max_file_bytes) for file in files]
    with within(settings) as cursor:
        case = store.lock(cursor, case_id)
        if case is None:
            raise NotFound(f"there is no case {case_id}")
        machine.may_note(machine.standing_of(case), actor)
        number = notes.add(cursor, case_id, actor.name, text, kept)
        detail = {"note": number, "files": [file.name for file in kept]}
        states = case.state, case.state
        store.append(
            cursor, case_id, case.revision, (actor.name, actor.role), "note", states, detail
        )
    return number


def read_file(settings: Settings, case_id: int, file_id: int) -> FileContent:
    """A file of a case. Whoever serves it has to say that it is an attachment, and not to be run.

    Raises `NotFound`.
    """
    with within(settings) as cursor:
        found = notes.file(cursor, case_id, file_id)
    if found is None:
        raise NotFound(f"case {case_id} has no file {file_id}")
    return found


def _checked(file: Attachment, most: int) -> Attachment:
    name = checked_text(PurePath(file.name.replace("\\", "/")).name.strip(), "file", MAX_FILE_NAME)
    if not name or not name.isprintable():
        raise Invalid("file: give it a name in one line")
    if len(file.content) > most:
        raise Invalid(f"file: {name} has {len(file.content):,} bytes: up to {most:,} are kept")
    media_type = file.media_type if _MEDIA_TYPE.fullmatch(file.media_type) else ""
    return Attachment(name, media_type or "application/octet-stream", file.content)
