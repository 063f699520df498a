"""How Flink's processes log: as `logging.format` says."""

from __future__ import annotations

import json
from pathlib import Path

from risk.config.settings import Settings, parse
from risk.stack import flink_config, flink_logging
from risk.stack.log_line import plain
from risk.stack.process import Home


def conf(settings: Settings, home: Home) -> Path:
    flink_config.write(settings, home)
    return home.folder(flink_config.FOLDER) / "conf"


def test_text_is_as_flink_ships_it(tmp_path: Path) -> None:
    shipped = flink_config.distribution() / "conf"
    written = conf(Settings(), Home(tmp_path))
    for path in shipped.glob("log4j*.properties"):
        assert (written / path.name).read_bytes() == path.read_bytes()


def test_json_replaces_each_layout_and_nothing_else(tmp_path: Path) -> None:
    written = conf(parse("logging: {format: json}", {}), Home(tmp_path))
    template = written / flink_logging.TEMPLATE
    for name in ("log4j-console.properties", "log4j.properties", "log4j-zookeeper.properties"):
        text = (written / name).read_text()
        assert "PatternLayout" not in text
        assert text.count(f"eventTemplateUri = {template.as_uri()}") >= 1
    assert "PatternLayout" in (written / "log4j-cli.properties").read_text()
    shipped = (flink_config.distribution() / "conf" / "log4j-console.properties").read_text()
    text = (written / "log4j-console.properties").read_text()
    kept = {line for line in shipped.splitlines() if ".layout." not in line}
    assert kept <= set(text.splitlines())
    members = json.loads(template.read_text())
    usual = {"time", "level", "logger", "process", "thread", "job", "message", "error"}
    assert usual == set(members)


def test_a_person_reads_what_a_line_says() -> None:
    line = {"level": "ERROR", "message": "it ended", "logger": "x"}
    assert plain(json.dumps(line)) == "ERROR it ended"
    java = {**line, "error": "java.io.IOException: no room\n\tat x.Y"}
    assert plain(json.dumps(java)) == "ERROR it ended: java.io.IOException: no room"
    python = {**line, "error": "Traceback (most recent call last):\n  File x\nKeyError"}
    assert plain(json.dumps(python)) == "ERROR it ended: KeyError"
    for other in ("FATAL: no room", "{cut", "{}", '["message"]', '{"level": "ERROR"}'):
        assert plain(other) == other
