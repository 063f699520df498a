"""A stream as a file, and what is asked of `risk generate` before anything is sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.config import StreamConfig
from generator.metrics import TallyCollector
from generator.record import KINDS, Record
from generator.stream import broken, records
from generator.stream_file import BadLine, read, write
from generator.tally import Tally
from risk.cli.main import main
from risk.config.metric_names import GENERATOR

CONFIG = StreamConfig(start_time=1_790_000_000_000, rate=200, duration_s=5)


def round_trip(path: Path, stream: list[Record]) -> list[Record]:
    assert list(write(path, stream)) == stream
    return list(read(path))


def test_a_stream_comes_back_from_a_file_as_it_was(tmp_path: Path) -> None:
    stream = [*records(CONFIG), *broken(CONFIG, 300)]
    assert round_trip(tmp_path / "stream", stream) == stream


@settings(max_examples=200, deadline=None)
@given(
    st.builds(
        Record,
        st.none() | st.binary(max_size=20),
        st.binary(max_size=200) | st.text().map(str.encode),
        st.none() | st.text().map(str.encode),
        st.integers(0, 2**50),
        st.sampled_from(KINDS),
    )
)
def test_any_bytes_come_back(tmp_path_factory: pytest.TempPathFactory, record: Record) -> None:
    path = tmp_path_factory.getbasetemp() / "one"
    assert round_trip(path, [record]) == [record]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "not a line of a stream"),
        ("{", "not a line of a stream"),
        ("[]", "not a line of a stream"),
        ('{"due_ms":1,"kind":"on_time","key":"k"}', "neither `value` nor `value_base64`"),
        ('{"due_ms":-1,"kind":"on_time","key":"k","value":""}', "due_ms"),
        ('{"due_ms":1,"kind":"other","key":"k","value":""}', "kind"),
        ('{"due_ms":1,"kind":"late","value_base64":"*"}', "value_base64"),
        ('{"due_ms":1,"kind":"late","value":"","offset":3}', "offset"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "stream"
    list(write(path, records(CONFIG)))
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole[:3]) + line.encode() + b"\n" + b"".join(whole[3:]))
    with pytest.raises(BadLine, match=r"stream:4: ") as caught:
        list(read(path))
    assert said in str(caught.value)


def generate(*options: str) -> int:
    return main(["generate", *options])


def test_the_command_writes_the_same_file_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--rate", "200", "--duration", "5", "--seed", "3", "--start-time", "1790000000000"]
    for name in ("one", "two"):
        assert generate(*options, "--to-file", str(tmp_path / name), "--json") == 0
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    summary = json.loads(capsys.readouterr().out.splitlines()[0])
    stream = list(read(tmp_path / "one"))
    assert summary["records"] == len(stream) == 1_000
    assert summary["labels"] == sum(record.label is not None for record in stream)
    assert summary["labels"] == sum(summary["truth"].values())
    assert summary["by_kind"]["duplicate"] == sum(r.kind == "duplicate" for r in stream)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rate", "0"], "--rate"),
        (["--rate", "nan"], "--rate"),
        (["--duration", "inf"], "--duration"),
        (["--late", "0.6"], "--late"),
        (["--attack-share", "-0.1"], "--attack-share"),
        (["--out-of-order-max-ms", "30000"], "--out-of-order-max-ms"),
        (["--users", "0"], "--users"),
        (["--start-time", "-1"], "--start-time"),
        (["--skew-s", "-1"], "--skew-s"),
        (["--attack", "phishing"], "card_testing"),
        (["--habits", "fishing"], "call_centre"),
        (["--habit-share", "0.6"], "--habit-share"),
    ],
)
def test_a_wrong_option_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert generate(*options, "--to-file", str(tmp_path / "stream")) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_a_folder_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate("--duration", "1", "--to-file", str(tmp_path / "no" / "stream")) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--to-file" in line


def test_without_a_start_time_a_file_holds_nothing_of_the_future(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import time

    assert generate("--duration", "20", "--to-file", str(tmp_path / "stream"), "--json") == 0
    now = time.time() * 1_000
    begin = json.loads(capsys.readouterr().out)["start_time"]
    assert now - 60_000 < begin < now - 20_000


def test_the_metrics_have_the_names_that_are_promised() -> None:
    tally = Tally()
    tally.delivered("late", 0.004)
    tally.delivered("late", 40.0)
    tally.failed("no reason")
    tally.renewals = 2
    tally.truth["none"] = 5
    tally.behind(3.0)
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in TallyCollector(tally).collect()
        for sample in family.samples
    }
    assert samples["risk_generator_records_total", "late"] == 2
    assert samples["risk_generator_records_total", "malformed"] == 0
    assert samples["risk_generator_labels_total",] == 5
    assert samples["risk_generator_errors_total",] == 1
    assert samples["risk_generator_renewals_total",] == 2
    assert samples["risk_generator_behind_seconds",] == 3
    assert samples["risk_generator_publish_seconds_bucket", "0.0025"] == 0
    assert samples["risk_generator_publish_seconds_bucket", "0.005"] == 1
    assert samples["risk_generator_publish_seconds_bucket", "+Inf"] == 2
    assert samples["risk_generator_publish_seconds_sum",] == pytest.approx(40.004)
    seen = {name.removesuffix("_bucket").removesuffix("_sum") for name, *_ in samples}
    assert {metric.name for metric in GENERATOR} == {
        name.removesuffix("_count") for name in seen if not name.endswith("_created")
    }
