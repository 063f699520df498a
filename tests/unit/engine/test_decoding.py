"""Whatever stands in a topic, its reader gets one kind of error."""

from __future__ import annotations

import msgspec
import pytest

from risk.engine.decoding import decoder
from risk.engine.messages import Alert, Late, Score
from risk.engine.takeover import said

BROKEN = (b"", b"{", b"\xff", b'{"x":"\xff"}', b'{"x":' + b"[" * 100_000, b"null", b"[" * 5_000)


@pytest.mark.parametrize("value", BROKEN, ids=range(len(BROKEN)))
@pytest.mark.parametrize("kind", [Alert, Late, Score, said.Said])
def test_what_is_no_message_is_told_by_one_error(kind: type, value: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decoder(kind)(value)


def test_a_member_of_a_later_version_is_left_out() -> None:
    spoken = said.Said("missed", "run-2", "run-1")
    later = said.encode(spoken)[:-1] + b',"later":{"deep":[[[1]]]}}'
    assert said.decode(later) == spoken
