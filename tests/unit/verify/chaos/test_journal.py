from __future__ import annotations

from pathlib import Path

from generator.record import Record
from risk.verify.chaos.journal import Acknowledged, checksum, lost, read
from risk.verify.chaos.traffic import rest


def test_what_was_acknowledged_and_is_there_is_not_lost() -> None:
    noted = [Acknowledged(0, 7, checksum(b"a"))]
    assert lost(noted, {(0, 7): checksum(b"a"), (0, 8): checksum(b"b")}) == []


def test_what_was_acknowledged_and_is_gone_is_lost() -> None:
    (problem,) = lost([Acknowledged(1, 7, 5)], {(0, 7): 5})
    assert problem == "offset 7 of partition 1 was acknowledged, and is not in the topic"


def test_another_record_in_its_place_is_a_loss() -> None:
    (problem,) = lost([Acknowledged(0, 7, checksum(b"a"))], {(0, 7): checksum(b"b")})
    assert "another record" in problem


def test_a_line_that_was_cut_off_counts_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b"0 1 22\n1 2 33\n3 4 4")
    assert list(read(path)) == [Acknowledged(0, 1, 22), Acknowledged(1, 2, 33)]


def test_without_a_journal_nothing_was_acknowledged(tmp_path: Path) -> None:
    assert list(read(tmp_path / "none")) == []


def test_a_stream_goes_on_where_it_was_cut_and_catches_up_with_its_schedule() -> None:
    stream = [Record(None, b"%d" % n, None, 100 * n, "on_time") for n in range(7)]
    left = list(rest(stream, 3, 450))
    assert [record.value for record in left] == [b"3", b"4", b"5", b"6"]
    assert [record.due_ms for record in left] == [0, 0, 50, 150]
