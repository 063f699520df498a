"""Notes of a case, with files."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from risk.config.cases import MAX_FILE_BYTES
from risk.console.acting import actor_of, number_in
from risk.console.guard import form_of, text_of, wants_part
from risk.console.review.acting import case_of, refusing
from risk.console.review.steps import stand
from risk.console.site import site
from risk.ops.cases import notes
from risk.ops.cases.notes import MOST_FILES
from risk.registry.cases.notes import Attachment

# As many files as a note takes, of the largest size that the settings allow.
MOST_BYTES: Final = MOST_FILES * MAX_FILE_BYTES + 65_536


@refusing
def add(request: Request) -> Response:
    """Keep a note."""
    own, case_id = site(request), case_of(request)
    text = text_of(request, "note").replace("\r\n", "\n")
    notes.add_note(own.settings, case_id, actor_of(request), text, _files(request))
    return stand(request) if wants_part(request) else RedirectResponse(f"/cases/{case_id}", 303)


@refusing
def file(request: Request) -> Response:
    """A file, to be saved: the browser is told not to show it."""
    number = number_in(request, "file_id", "file")
    found = notes.read_file(site(request).settings, case_of(request), number)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(found.content, headers=headers, media_type="application/octet-stream")


def _files(request: Request) -> list[Attachment]:
    given = [one for one in form_of(request).getlist("files") if isinstance(one, UploadFile)]
    return [
        Attachment(one.filename, one.content_type or "", one.file.read())
        for one in given
        if one.filename
    ]
