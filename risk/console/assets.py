"""The files that pages load: read once, under addresses that change with their content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

FOLDER: Final = Path(__file__).with_name("static")
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
FOREVER: Final = "public, max-age=31536000, immutable"


class Assets:
    """All files of `static/`. One digest of them all is in each address.

    So a module may import its neighbours by their plain names, and never gets an older one.
    """

    def __init__(self) -> None:
        self._files = {
            path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in TYPES
        }
        every = hashlib.sha256()
        for name, content in sorted(self._files.items()):
            every.update(name.encode() + b"\0" + content)
        self._digest = every.hexdigest()[:12]

    def url(self, name: str) -> str:
        """Where a file is. Raises `KeyError` if there is none of that name."""
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self._digest}/{name}"

    def serve(self, request: Request) -> Response:
        """The file. With another digest it is served, too, but not to be kept."""
        name, digest = request.path_params["name"], request.path_params["digest"]
        content = self._files.get(name)
        if content is None:
            raise HTTPException(404)
        kept = FOREVER if digest == self._digest else "no-store"
        headers = {"cache-control": kept, "content-type": TYPES[Path(name).suffix]}
        return Response(content, headers=headers)
