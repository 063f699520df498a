"""One command to Redis or Valkey and its answer, where no redis-cli is at hand.

`python -m risk.stack.redis_cli -h HOST -p PORT -n DATABASE COMMAND…`, with the password in
`REDISCLI_AUTH`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

import redis


def main(argv: Sequence[str] | None = None) -> int:
    """Print the answer, an item a line; 1 if there is none."""
    parser = argparse.ArgumentParser(prog="redis_cli", add_help=False)
    parser.add_argument("-h", dest="host", default="127.0.0.1")
    parser.add_argument("-p", dest="port", type=int, default=6380)
    parser.add_argument("-n", dest="database", type=int, default=0)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args(argv)
    client = redis.Redis(
        args.host,
        args.port,
        args.database,
        os.environ.get("REDISCLI_AUTH"),
        socket_timeout=10,
        socket_connect_timeout=5,
    )
    try:
        _show(client.execute_command(*args.command))  # type: ignore[no-untyped-call]
    except redis.RedisError as error:
        print(f"{args.host}:{args.port}: {error}", file=sys.stderr)
        return 1
    return 0


def _show(answer: Any) -> None:
    if isinstance(answer, list | tuple):
        for item in answer:
            _show(item)
    elif isinstance(answer, bytes):
        print(answer.decode(errors="backslashreplace"))
    else:
        print(answer)


if __name__ == "__main__":
    raise SystemExit(main())
