"""A parser that takes too much ends alone, and the user is told."""

import pytest

from duban.reading import NotReadable, apart

pytestmark = pytest.mark.engine_free

GREEDY = "tests.reading.greedy"


def test_the_answer_comes_back():
    assert apart.read_apart(GREEDY, b"\x00\xff" * 70_000) == {"size": 140_000}


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"memory", "too_large", "没有读完"),
        (b"abort", "too_large", "没有读完"),
        (b"error", "truncated", "已损坏"),
        (b"refuse", "binary", "不行"),
    ],
)
def test_a_parser_that_fails_is_a_refusal(data, code, words):
    with pytest.raises(NotReadable, match=words) as refused:
        apart.read_apart(GREEDY, data)
    assert refused.value.code == code


def test_a_parser_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(apart, "MAX_SECONDS", -3)
    with pytest.raises(NotReadable, match="没有读完"):
        apart.read_apart(GREEDY, b"sleep")


def test_what_went_wrong_is_logged(caplog):
    with pytest.raises(NotReadable):
        apart.read_apart(GREEDY, b"error")
    assert "KeyError" in caplog.text
