"""The settings: a file, and the variables of the environment; and how they travel to jobs."""

from __future__ import annotations

from msgspec.structs import fields

from risk.config.section import MOST_SHOWN
from risk.config.settings import (
    SECTIONS,
    Settings,
    SettingsError,
    parse,
    to_environment,
    with_secrets,
    without_secrets,
)
from risk.paths import ROOT
from tests.fuzz.target import Target, as_argument, as_file, joined, parts


def once(data: bytes) -> None:
    """The part `environment` has a variable a line; what stands before is the file."""
    files = parts(data, "risk.yaml")
    variables = as_argument(files.get("environment", b"")).split("\n")
    pairs = [line.partition("=") for line in variables if "\0" not in line]
    environment = {name: text for name, sign, text in pairs if sign and name}
    try:
        settings = parse(as_file(files.get("risk.yaml", b"")), environment)
    except SettingsError as error:
        assert len(str(error)) < 12 * MOST_SHOWN
        assert str(error).isprintable()
        raise
    assert parse("", to_environment(settings)) == settings, "they don't survive the way to a job"
    bare = without_secrets(settings)
    with_secrets(bare, to_environment(settings))


NAMES = tuple(
    f"{section}.{field.name}"
    for section in sorted(SECTIONS)
    for field in fields(type(getattr(Settings(), section)))
)
WORDS = (
    *(name.split(".")[1] for name in NAMES),
    *sorted(SECTIONS),
    *(f"RISK_{name.replace('.', '__').upper()}=" for name in NAMES),
    *("RISK_", "RISK___", "RISK_DATA_DIR=~", "HOME=/root", "[::1]:9092", "whsec_" + "A" * 32),
    *("https://x", "http://127.0.0.1:80", "127.0.0.1:9092,b:1", "no", "0o7", "1_000", "12:30"),
)
SEEDS = (
    b"\n".join(
        line
        for line in (ROOT / "risk.yaml").read_bytes().splitlines()
        if not line.lstrip().startswith(b"#")
    ),
    joined(
        {
            "risk.yaml": "kafka: {port: 9192}\noutbox:\n  webhook_url: https://x.example/y\n",
            "environment": "RISK_OUTBOX__WEBHOOK_SECRET=whsec_"
            + "A" * 32
            + "\nRISK_SCORING__LATENESS_MS=1000\nHOME=/root",
        }
    ),
    b"=== environment\nRISK_KAFKA__BOOTSTRAP=[::1]:9092,broker:1\nRISK_CONSOLE__PUBLIC_ORIGIN="
    b"https://risk.example.org\nRISK_API__MAX_PAYMENTS=7",
)
TARGET = Target("settings", once, (SettingsError,), SEEDS, WORDS, "yaml")
