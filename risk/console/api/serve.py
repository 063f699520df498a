"""Serves the API: one process, one event loop."""

from __future__ import annotations

import logging
from typing import Final

import uvicorn

from risk import logs
from risk.config.settings import Settings
from risk.console.api.app import create
from risk.console.api.services import Services

KEEP_ALIVE_S: Final = 75
STOP_S: Final = 15
MOST_OPEN: Final = 1_000  # connections and requests: more are told 503 at once
MOST_HEAD: Final = 32_768  # bytes of a request's first line and its headers


def serve(settings: Settings) -> None:
    """Serve until the process is ended. Raises `UserError` for a wrong ruleset of the settings."""
    api = settings.api
    logs.set_up(settings, "api", logging.INFO)
    # It tells each request to Elasticsearch, with what is asked for.
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)
    config = uvicorn.Config(
        create(Services(settings)),
        host=api.host,
        port=api.port,
        log_config=None,
        log_level="warning",
        access_log=False,  # it would show what ids and cursors are in a path
        server_header=False,
        ssl_certfile=api.tls_cert,
        ssl_keyfile=api.tls_key,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_S,
        limit_concurrency=MOST_OPEN,
        h11_max_incomplete_event_size=MOST_HEAD,
        lifespan="on",
        ws="none",
    )
    uvicorn.Server(config).run()
