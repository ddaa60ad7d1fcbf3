import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.core.pinyin import initials_of, pinyin_of

pytestmark = pytest.mark.engine_free


@pytest.mark.parametrize(
    ("value", "pinyin", "initials"),
    [
        ("教育局", "jiaoyuju", "jyj"),
        ("江 岚", "jianglan", "jl"),
        ("", "", ""),
        ("12345热线", "12345rexian", "12345rx"),
        ("重庆路街道", "chongqinglujiedao", "cqljd"),
    ],
)
def test_sounds(value, pinyin, initials):
    assert (pinyin_of(value), initials_of(value)) == (pinyin, initials)


@given(st.text(max_size=40))
def test_any_text_has_a_sound_without_space(value):
    assert pinyin_of(value).split() in ([], [pinyin_of(value)])
    assert initials_of(value).split() in ([], [initials_of(value)])
