"""Names of files, frozen values."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import pytest

from duban.papers.rules import Format, file_name, frozen_values, names_once, number_text, takes_scans, thawed

pytestmark = pytest.mark.engine_free


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("临江政督提〔2020〕1号", "教育局"), "临江政督提〔2020〕1号 教育局.pdf"),
        (("", "教育局"), "教育局.pdf"),
        (('a/b\\c:*?"<>|', "\n"), "abc.pdf"),
        (("..", ""), "公文.pdf"),
        (("局" * 80,), "局" * 60 + ".pdf"),
    ],
)
def test_file_is_called_by_number_and_unit_without_what_no_file_system_takes(parts, name):
    assert file_name(*parts, form=Format.PDF) == name


def test_names_in_one_archive_are_told_apart():
    assert names_once(["甲.pdf", "甲.pdf", "乙.pdf", "甲.pdf"]) == ["甲.pdf", "甲（2）.pdf", "乙.pdf", "甲（3）.pdf"]


class _Kind(StrEnum):
    ONE = "one"


@dataclass(frozen=True)
class _Inner:
    on: date
    words: tuple[str, ...]


@dataclass(frozen=True)
class _Outer:
    kind: _Kind
    inner: _Inner
    share: float
    nothing: None = None


def test_frozen_values_can_be_read_again():
    value = _Outer(_Kind.ONE, _Inner(date(2020, 2, 3), ("甲", "乙")), 0.5)
    assert frozen_values(value) == {
        "kind": "one",
        "inner": {"on": "2020-02-03", "words": ["甲", "乙"]},
        "share": 0.5,
        "nothing": None,
    }


@dataclass(frozen=True)
class _Share:
    share: Decimal


def test_thawed_values_are_those_that_were_frozen():
    value = _Outer(_Kind.ONE, _Inner(date(2020, 2, 3), ("甲", "乙")), 0.5)
    assert thawed(_Outer, frozen_values(value)) == value
    older = {key: one for key, one in frozen_values(value).items() if key != "nothing"}
    assert thawed(_Outer, older) == value


def test_what_cannot_be_frozen_is_an_error_not_its_print():
    with pytest.raises(TypeError, match="timedelta"):
        frozen_values({"span": timedelta(days=1)})


def test_a_decimal_is_frozen_digit_by_digit():
    assert frozen_values(_Share(Decimal("0.50"))) == {"share": "0.50"}
    assert str(thawed(_Share, {"share": "0.50"}).share) == "0.50"


def test_number_as_it_is_printed():
    assert number_text("政督交", number=3, year=2020, short_name="临江区") == "临江政督交〔2020〕3号"


@pytest.mark.parametrize(("days_later", "takes"), [(None, True), (1, False), (0, False), (-1, True)])
def test_a_scan_is_put_beside_what_was_issued_after_the_closing_only(days_later, takes):
    issued = datetime(2020, 2, 3, 9, tzinfo=UTC)
    closed = None if days_later is None else issued + timedelta(days=days_later)
    assert takes_scans(issued_at=issued, plan_closed_at=closed) is takes
