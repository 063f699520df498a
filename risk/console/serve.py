"""The console's server: one process, ended by a signal."""

from __future__ import annotations

from typing import Final

import uvicorn

from risk import logs
from risk.config.settings import Settings
from risk.console.app import create
from risk.console.beside import beside

LAST_S: Final = 2  # what is still open when it ends: streams, which never end by themselves


def serve(settings: Settings) -> None:
    """Serve until a signal ends it. Exits if it can't listen.

    Raises `UserError` if the API is served as well, and the settings' ruleset is wrong.
    """
    console = settings.console
    logs.set_up(settings, "console")
    uvicorn.run(
        create(settings, beside(settings)),
        host=console.host,
        port=console.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=console.proxy is not None,
        forwarded_allow_ips=console.proxy,
        ssl_certfile=console.tls_cert,
        ssl_keyfile=console.tls_key,
        timeout_graceful_shutdown=LAST_S,
        ws_max_size=4_096,
    )
