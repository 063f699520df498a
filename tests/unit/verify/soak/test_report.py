"""What a run's samples come to."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from risk.config.settings import Settings
from risk.stack.machine import Machine
from risk.verify.soak.counting import Counted, problems
from risk.verify.soak.limits import limit_mb, remembered
from risk.verify.soak.load import Load
from risk.verify.soak.processes import Usage, memory, own
from risk.verify.soak.report import Accounts, Report, series
from risk.verify.soak.sampler import JobFigures, Sample
from risk.verify.soak.saturation import rate

SETTINGS = Settings()
STEADY = Load("steady", 1, 50.0, 180_000)
ACCOUNTS = Accounts(
    by="the oracle", acknowledged=10, rate=50.0, in_topic=10, lag={"score": 0}, drained_s=4.0
)


def sample(at_s: float, memory: float = 300.0, restarts: int = 0) -> Sample:
    return Sample(
        at_s,
        {"kafka": Usage(memory, 100, 60)},
        {"score": JobFigures(20, 3.0, 0.2, restarts), "redis": JobFigures()},
    )


def report(samples: list[Sample], flat: bool = True, sent_s: float = 3_600.0) -> Report:
    machine = Machine(2, "", 8.0, 0.0, "", "", {})
    return Report(
        load=STEADY, flat=flat, machine=machine, sent_s=sent_s, samples=samples, accounts=ACCOUNTS
    )


def test_an_hour_of_the_same_is_sound() -> None:
    found = report([sample(5.0 * at) for at in range(721)])
    found.conclude(SETTINGS, [])
    assert found.problems == []
    assert found.sound
    assert {(one.figure, one.of) for one in found.verdicts} == {
        *((figure, "kafka") for figure in ("memory", "handles", "threads")),
        *((figure, "score") for figure in ("lag", "state", "checkpoint", "restarts")),
    }


def test_a_leak_is_told_and_only_where_it_has_to_be_flat() -> None:
    leaking = [sample(5.0 * at, 300 + at / 6) for at in range(721)]
    found = report(leaking)
    found.conclude(SETTINGS, [])
    (problem,) = found.problems
    assert problem.startswith("memory of kafka: grows by 120.0 MiB an hour, and may by 48.0")
    assert not found.sound
    bounded = report(leaking, flat=False)
    bounded.conclude(SETTINGS, [])
    assert bounded.sound


def test_what_payments_are_kept_in_grows_with_them_up_to_its_limit() -> None:
    def holding(highest: float) -> Report:
        return report(
            [
                replace(sample(5.0 * at), processes={"redis": Usage(highest * at / 720, 10, 6)})
                for at in range(721)
            ]
        )

    found = holding(300.0)
    found.conclude(SETTINGS, [])
    assert found.sound
    found = holding(353.0)
    found.conclude(SETTINGS, [])
    (problem,) = found.problems
    assert problem == "memory of redis: 353.0 MiB at its peak, and its limit is 352.0 MiB"


def test_what_comes_after_the_traffic_has_no_slope_but_a_peak() -> None:
    later = [sample(3_605.0 + at, 690.0) for at in range(300)]
    found = report([*(sample(5.0 * at) for at in range(721)), *later])
    found.conclude(SETTINGS, [])
    assert found.sound
    (kafka,) = [one for one in found.verdicts if one.figure == "memory"]
    assert (kafka.level, kafka.peak, kafka.limit) == (300.0, 690.0, 704.0)
    found.samples.append(sample(4_000.0, 705.0))
    found.conclude(SETTINGS, [])
    assert len(found.problems) == 1


def test_a_restart_is_told_whatever_the_traffic() -> None:
    found = report([sample(0.0), sample(5.0, restarts=1)], flat=False)
    found.conclude(SETTINGS, ["something else"])
    assert found.problems == [
        "restarts of score: 1.0 at its peak, and its limit is 0.0",
        "something else",
    ]


def test_restarts_of_before_are_not_the_soaks() -> None:
    found = report([sample(0.0, restarts=3), sample(5.0, restarts=3)])
    found.conclude(SETTINGS, [])
    assert found.sound


def test_without_accounts_nothing_is_sound() -> None:
    found = report([sample(0.0)])
    found.accounts = None
    found.conclude(SETTINGS, [])
    assert not found.sound


def test_what_nobody_could_tell_is_no_point() -> None:
    assert series([sample(0.0), sample(5.0)], "lag") == {"score": [(0.0, 20.0), (5.0, 20.0)]}


def test_a_report_is_what_was_written() -> None:
    found = report([sample(0.0)])
    found.conclude(SETTINGS, [])
    assert msgspec.json.decode(msgspec.json.encode(found), type=Report) == found


@pytest.mark.parametrize(
    ("process", "most"),
    [
        ("taskmanager redis", 1_024 + 512 + 320),
        ("kafka", 384 + 320),
        ("kafka-2", 384 + 320),
        ("elasticsearch", 768 + 320),
        ("flink", 768 + 192),
        ("redis", 256 + 96),
        ("zookeeper", 192),
        ("cases", 320),
        ("console", 320 + 96),
    ],
)
def test_a_limit_follows_from_what_is_configured(process: str, most: float) -> None:
    assert limit_mb(process, STEADY, SETTINGS) == most


def test_scoring_may_take_more_for_what_it_remembers() -> None:
    assert remembered(STEADY, SETTINGS) == 50 * 390
    assert remembered(Load("one-user", 1, 10_000.0, 1_000_000, paced=False), SETTINGS) == 1_000_000
    more = limit_mb("taskmanager score", STEADY, SETTINGS)
    assert more == limit_mb("taskmanager redis", STEADY, SETTINGS) + 50 * 390 * 5 // 1_024


def test_memory_leaves_pages_of_files_out() -> None:
    lines = ["Rss: 9999 kB", "Pss: 9000 kB", "Pss_Anon:  1024 kB", "Pss_File: 7000 kB"]
    assert memory([*lines, "Pss_Shmem: 512 kB", "SwapPss: 512 kB"]) == 2.0
    assert memory(["5569e9c42000-7ffe1f531000 ---p 00000000 00:00 0  [rollup]"]) == 0


def test_what_the_supervisor_has_started_again_is_not_its_own() -> None:
    # 20 is a TaskManager, 11 and 12 are backends of its own.
    assert own([10, 11, 12, 20], 10, {10, 20}) == [10, 11, 12]
    assert own([20], 20, {10, 20}) == [20]


def test_payments_that_are_missing_are_counted() -> None:
    sound = Counted(100, 97, 2, 1, {"redis": 97})
    assert problems(sound) == []
    assert problems(msgspec.structs.replace(sound, scored=96, rows={"redis": 95})) == [
        "100 were sent, and 99 have an outcome",
        "96 were scored, and redis has 95 of them",
    ]


def test_what_is_sustained_is_the_slowest_jobs() -> None:
    looks = [
        (0.0, {"score": 0, "redis": 0}),
        (2.0, {"score": 4_000, "redis": 1_000}),
        (4.0, {"score": 2_000, "redis": 3_000}),
        (6.0, {"score": 0, "redis": 1_500}),
        (9.0, {"score": 0, "redis": 0}),
    ]
    assert rate(looks) == 600.0  # 3,000 in 5 s; scoring has 1,000 a second
    assert rate([(0.0, {"score": 0})]) == 0
