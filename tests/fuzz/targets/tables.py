"""Files of lines that commands read: verdicts, streams, locks and training plans."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from generator import stream_file
from generator.stream_file import BadLine
from risk.config.settings import Settings
from risk.engine.rules import lock
from risk.engine.rules.errors import InvalidRuleset
from risk.errors import UserError
from risk.ops.feedback.label import labels
from risk.ops.feedback.table import Row, read
from risk.paths import ROOT
from risk.verify.retrain import plan
from tests.fuzz.target import Target, as_file, parts
from tests.fuzz.targets.payments import START

REFUSALS = (UserError, BadLine, InvalidRuleset)
_FAST = Path("/dev/shm")


def once(data: bytes) -> None:
    """Parts called `verdicts`, `stream`, `lock` and `plan`."""
    files = parts(data, "verdicts")
    for name, own in (
        ("verdicts", _verdicts),
        ("stream", _stream),
        ("lock", _lock),
        ("plan", _plan),
    ):
        if name in files:
            own(files[name])


def _verdicts(data: bytes) -> None:
    lines = io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", "replace", newline="")
    rows = list(read(lines, "verdicts.csv"))
    sure = [
        one
        for one in rows
        if not isinstance(one, Row) or {"event_id", "user_id", "event_time"} <= one.said.keys()
    ]
    defaults = {"verdict": "fraud", "source": "import", "known_at": str(START), "by": "me"}
    made = labels(Settings(), sure, defaults, START)
    "\n".join(map(str, made.faults)).encode()


def _stream(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=_FAST if _FAST.is_dir() else None) as file:
        file.write(data)
        file.flush()
        for _ in stream_file.read(Path(file.name)):
            pass


def _lock(data: bytes) -> None:
    lock.read(as_file(data))


def _plan(data: bytes) -> None:
    plan.parse(as_file(data), "retrain.yaml")


SEEDS = (
    b"event_id,user_id,event_time,verdict,known_at,note\ne1,u1,2025-03-01T10:00,fraud,"
    b'1740830000000,"it, said"\ne2,u2,1740830000000,legitimate,2025-03-01,\n',
    b'=== stream\n{"due_ms":0,"kind":"normal","key":"u","value":"{}","label":"{}"}\n'
    b'{"due_ms":5,"kind":"malformed","value_base64":"AAAA"}\n',
    b"=== lock\n" + (ROOT / "rules/strict/versions.lock").read_bytes(),
    b"=== plan\n" + (ROOT / "retrain.yaml").read_bytes(),
)
WORDS = (
    *(
        "event_id",
        "user_id",
        "event_time",
        "verdict",
        "source",
        "known_at",
        "by",
        "note",
        "chargeback",
    ),
    *(
        "due_ms",
        "kind",
        "key_base64",
        "value_base64",
        "normal",
        "ruleset",
        "rule",
        "kinds:",
        "gate:",
    ),
    *("learn:", "delay:", "rollout:", "share:", "salt:", "seed:", '"', "a" * 140_000, "9" * 20),
)
TARGET = Target("tables", once, REFUSALS, SEEDS, WORDS, "yaml", 150_000)
