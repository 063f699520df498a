"""Numbers in addresses and forms, of which somebody has made more than they can be."""

from __future__ import annotations

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from risk.console.acting import MOST_ID
from risk.console.review.acting import case_of
from risk.console.review.steps import Given


def case(text: str) -> int:
    return case_of(Request({"type": "http", "path_params": {"case_id": text}}))


class Said(Given):
    def __init__(self, text: str) -> None:
        self._text = text

    def __call__(self, name: str) -> str:
        return self._text


def test_the_number_of_a_case() -> None:
    assert [case(text) for text in ("7", "007", str(MOST_ID))] == [7, 7, MOST_ID]


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "٣", str(MOST_ID + 1), "0" * 19 + "1" + "9" * 5_000]
)
def test_another_is_no_case(text: str) -> None:
    with pytest.raises(HTTPException) as caught:
        case(text)
    assert caught.value.status_code == 404


@pytest.mark.parametrize("text", ["", "0", "2161", "000001" + "9" * 20, "0" * 5_000 + "1"])
def test_hours_that_no_snooze_has(text: str) -> None:
    with pytest.raises(HTTPException):
        _ = Said(text).until
