from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.core.errors import Invalid
from duban.matters.rules import Forecast, Sense
from duban.reports.rules import (
    Basis,
    BasisKind,
    ContributionSaid,
    EntrySaid,
    FigureSaid,
    LookBackSaid,
    Material,
    amount_words,
    candidates_of,
    checked_contribution,
    checked_text,
    count_chars,
    draft_of,
    figure_words,
    is_within,
    plain_text,
    traced,
    why_outside,
)
from tests.reports.counts import BOUNDS, COUNTS, PIECES

pytestmark = pytest.mark.engine_free

# ---- 字数


@pytest.mark.parametrize(("text", "count"), COUNTS)
def test_count(text, count):
    assert count_chars(text) == count


@pytest.mark.parametrize("name", PIECES)
def test_piece_has_the_size_it_says(name):
    piece, size = PIECES[name]
    assert count_chars(piece * 4) == 4 * size


@pytest.mark.parametrize(("text", "count"), BOUNDS)
def test_bounds_belong_to_the_length_in_every_script(text, count):
    assert count_chars(text) == count
    assert is_within(count, low=100, high=150) == (100 <= count <= 150)
    told = {"low": 100, "high": 150, "may_be_outside": True}
    if 100 <= count <= 150:
        assert why_outside(text, reason="", **told) == ""
    else:
        with pytest.raises(Invalid) as refusal:
            why_outside(text, reason=" ", **told)
        assert refusal.value.message == f"现在 {count} 字，应为 100—150 字；确需如此，请写明理由。"
        assert refusal.value.field == "reason_outside"
        assert why_outside(text, reason="只有一句话可说", **told) == "只有一句话可说"


@pytest.mark.parametrize("count", [99, 151])
def test_a_policy_may_take_no_other_length(count):
    with pytest.raises(Invalid) as refusal:
        why_outside("字" * count, low=100, high=150, reason="有理由", may_be_outside=False)
    assert (refusal.value.message, refusal.value.field) == (f"现在 {count} 字，应为 100—150 字。", "text")


def test_nothing_written_is_no_short_report():
    with pytest.raises(Invalid) as refusal:
        why_outside(" ", low=100, high=150, reason="有理由", may_be_outside=True)
    assert refusal.value.message == "还没有写报告。"


@given(st.text(max_size=40), st.text(max_size=40))
def test_texts_apart_count_what_they_count_alone(first, second):
    assert count_chars(f"{first} {second}") == count_chars(first) + count_chars(second)


# ---- what a paste keeps


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("主体已经完工。", "主体已经完工。"),
        ("  主体 \t 完工  ", "主体 完工"),
        ("主体\n完工", "主体完工"),
        ("主体完工。\r\n\r\n正在装修。", "主体完工。正在装修。"),
        ("work\ndone", "work done"),
        ("新增3\n所", "新增3 所"),
        ("项目\t数量\n学校\t3所", "项目 数量 学校 3所"),
        ("项目\t\n学校", "项目 学校"),
        ("主体\u00a0完工\u200b", "主体 完工"),
        ("\u3000\u3000主体完工", "主体完工"),
        ("<p class=MsoNormal>主体<b>完工</b></p>", "主体完工"),
        ("<p>主体完工</p><p>正在装修</p>", "主体完工正在装修"),
        ("<table><tr><td>学校</td><td>3所</td></tr><tr><td>医院</td><td>1所</td></tr></table>", "学校 3所 医院 1所"),
        ("<style>p{color:red}</style><script>x()</script>完工", "完工"),
        ("<!--[if gte mso 9]><xml><w:View>1</w:View></xml><![endif]--><o:p></o:p>完工", "完工"),
        ("<html><body><!--StartFragment-->完工<!--EndFragment--></body></html>", "完工"),
        ("完工&nbsp;验收&ldquo;合格&rdquo;&#12290;", "完工 验收“合格”。"),
        ("&lt;b&gt;完工&lt;/b&gt;", "完工"),
        ("&amp;amp;amp;lt;p&amp;amp;gt;完工", "完工"),
        ("a < b，c > d", "a < b，c > d"),
        ("完成率<90%", "完成率<90%"),
        ("R&D经费，AT&T", "R&D经费，AT&T"),
        ("&notaname;", "&notaname;"),
        ("零\u200d宽", "零宽"),
        ("<b\u200b>完工</b>&am\u200bp;lt;p&gt;", "完工"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("控\x07制", "控制"),
        ("<" * 40 + "b>" * 40, "＜" * 30 + "b＞" * 30),
    ],
)
def test_paste_keeps_only_text(pasted, kept):
    assert plain_text(pasted) == kept


@given(st.text(alphabet="<>/&;#39ab p\n\t字，\u200d\u200b\u00a0ltgm", max_size=60))
def test_paste_cleaned_twice_is_cleaned_once(pasted):
    once = plain_text(pasted)
    assert plain_text(once) == once


@pytest.mark.parametrize("pasted", ["<!--" * 4_000, "<b" * 9_000, "&amp;" * 4_000, "<p>" * 6_000, " \n" * 9_000])
def test_hostile_paste_is_cleaned_in_no_time(pasted):
    assert isinstance(plain_text(pasted), str)


def test_whole_file_is_refused():
    for typed in ("字" * 1_001, "字" * 20_001):
        with pytest.raises(Invalid):
            checked_text(typed)
    assert checked_text("字" * 1_000) == "字" * 1_000


def test_contribution_has_a_length():
    assert checked_contribution("字" * 150, field="text-1") == "字" * 150
    with pytest.raises(Invalid) as refusal:
        checked_contribution("字" * 151, field="text-1")
    assert (refusal.value.message, refusal.value.field) == ("每项协办情况不超过 150 字，现在 151 字。", "text-1")


# ---- the draft

JOBS = FigureSaid("1.61万人", "新增人才", D(8300), "人", D("51.55"), Sense.EQUAL)


def entry(pk=1, on=date(2020, 6, 3), sentence="", *, is_own=True, unit="教育局", **more):
    return EntrySaid(id=pk, on=on, unit=unit, is_own=is_own, sentence=sentence, **more)


def drafted(material, *, low=100, high=150):
    return [(one.text, one.basis.words) for one in draft_of(material, low=low, high=high).sentences]


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (JOBS, "新增人才0.83万人，完成目标的51.55%"),
        (FigureSaid("3所", "", D(2), "所", D("66.66"), Sense.EQUAL), "2所，完成目标（3所）的66.66%"),
        (FigureSaid("3所", "新建学校", D(3), "所", D(100), Sense.AT_LEAST), "新建学校3所，已完成目标"),
        (FigureSaid("3%以内", "失业率", D("2.8"), "%", D(100), Sense.AT_MOST), "失业率2.8%，在目标以内"),
        (FigureSaid("3%以内", "失业率", D(4), "%", D(75), Sense.LESS), "失业率4%，在目标以外"),
        (FigureSaid("4万", "市场主体", D(12345), "", D("30.86"), Sense.MORE), "市场主体1.2345万，完成目标的30.86%"),
        (FigureSaid("2亿元", "投资", D(150_000_000), "元", D(75), Sense.EQUAL), "投资1.5亿元，完成目标的75%"),
        (FigureSaid("80%", "覆盖率", D(0), "%", D(0), Sense.EQUAL), "覆盖率0%，完成目标的0%"),
    ],
)
def test_figure_in_words(figure, words):
    assert figure_words(figure) == words


@pytest.mark.parametrize(
    ("value", "printed", "words"),
    [
        (D(8300), "1.61万人", "0.83万"),
        (D("8300.0000"), "16100人", "8300"),
        (D(83), "1.61万人", "0.0083万"),
        (D("8300.5"), "1.61万人", "8300.5"),
        (D(100), "100场", "100"),
        (D("0.5"), "1公里", "0.5"),
    ],
)
def test_amount_is_never_rounded(value, printed, words):
    assert amount_words(value, printed=printed) == words


def test_nothing_said_is_no_draft():
    assert draft_of(Material(), low=100, high=150).text == ""
    assert draft_of(Material(last="上期写过。"), low=100, high=150).text == ""


def test_draft_says_figures_first_then_what_was_done_then_what_comes():
    material = Material(
        entries=(
            entry(1, date(2020, 3, 3), "完成选址。", pct=D(20)),
            entry(
                2,
                date(2020, 6, 3),
                "校园招聘3场；问题：公寓不足；下一步：加快改造。",
                figures=(JOBS,),
                forecast=Forecast.STRAINED,
            ),
        ),
        contributions=(ContributionSaid(7, date(2020, 6, 10), "住建局", "腾出公寓20套。"),),
    )
    assert drafted(material) == [
        ("截至6月3日，新增人才0.83万人，完成目标的51.55%。", "6月3日教育局填报"),
        ("完成选址。", "3月3日教育局填报"),
        ("校园招聘3场。", "6月3日教育局填报"),
        ("住建局：腾出公寓20套。", "6月10日住建局报送协办情况"),
        ("存在问题：公寓不足。", "6月3日教育局填报"),
        ("预计有困难但可完成。", "6月3日教育局填报"),
        ("下一步，加快改造。", "6月3日教育局填报"),
    ]


def test_percentage_speaks_where_no_figure_does():
    material = Material(
        entries=(entry(1, date(2020, 4, 1), pct=D(40)), entry(2, pct=D("60.50"), sentence="主体封顶。"))
    )
    assert drafted(material)[0] == ("截至6月3日，完成60.5%。", "6月3日教育局填报")
    said = Material(entries=(entry(2, pct=D(60), sentence="工程量完成60%。"),))
    assert [text for text, _ in drafted(said)] == ["工程量完成60%。"]


def test_each_target_stands_with_its_last_figure():
    schools = FigureSaid("3所", "新建学校", D(1), "所", D("33.33"), Sense.EQUAL)
    later = FigureSaid("1.61万人", "新增人才", D(9000), "人", D("55.90"), Sense.EQUAL)
    material = Material(
        entries=(entry(1, date(2020, 5, 1), figures=(JOBS, schools)), entry(2, date(2020, 6, 3), figures=(later,)))
    )
    assert [text for text, _ in drafted(material)] == [
        "截至5月1日，新建学校1所，完成目标的33.33%。",
        "截至6月3日，新增人才0.9万人，完成目标的55.9%。",
    ]


@pytest.mark.parametrize(
    ("sentence", "texts"),
    [
        (
            "新增人才0.83万人，来了一批博士。",
            ["截至6月3日，新增人才完成目标的51.55%。", "新增人才0.83万人，来了一批博士。"],
        ),
        (
            "新增人才8,300人，来了一批博士。",
            ["截至6月3日，新增人才完成目标的51.55%。", "新增人才8,300人，来了一批博士。"],
        ),
        ("新增人才0.83万人，完成51.55%。", ["新增人才0.83万人，完成51.55%。"]),
        ("新增人才18300人。", ["截至6月3日，新增人才0.83万人，完成目标的51.55%。", "新增人才18300人。"]),
    ],
)
def test_number_the_unit_says_itself_is_not_said_again(sentence, texts):
    assert [text for text, _ in drafted(Material(entries=(entry(figures=(JOBS,), sentence=sentence),)))] == texts


@pytest.mark.parametrize(
    ("sentences", "texts"),
    [
        (("主体封顶。", "主体封顶。"), ["主体封顶。"]),
        (("主体，封顶！", "主体封顶"), ["主体封顶。"]),
        (("主体封顶，正在装修。", "主体封顶"), ["主体封顶。"]),
        (("新增5所", "新增50所学校"), ["新增5所。", "新增50所学校。"]),
        (("新增1.5万人", "新增15万人"), ["新增1.5万人。", "新增15万人。"]),
    ],
)
def test_same_fact_is_said_once_and_the_later_stays(sentences, texts):
    entries = tuple(entry(n, date(2020, 3 + n, 1), one) for n, one in enumerate(sentences))
    assert [text for text, _ in drafted(Material(entries=entries))] == texts


def test_what_the_last_report_says_is_not_said_again():
    material = Material(entries=(entry(1, sentence="主体封顶。正在装修。"),), last="今年以来主体封顶，群众满意。")
    assert [text for text, _ in drafted(material)] == ["正在装修。"]


def test_later_problem_and_next_step_replace_earlier_ones():
    material = Material(
        entries=(
            entry(1, date(2020, 4, 1), "问题：缺资金；下一步：争取专项债。"),
            entry(2, date(2020, 6, 1), "问题：缺用地；下一步：办理征收。"),
        )
    )
    assert [text for text, _ in drafted(material)] == ["存在问题：缺用地。", "下一步，办理征收。"]


def test_too_much_drops_whole_sentences_the_oldest_first():
    words = ["一" * 39, "二" * 39, "三" * 39, "四" * 39]
    material = Material(entries=tuple(entry(n, date(2020, 2 + n, 1), one) for n, one in enumerate(words)))
    draft = draft_of(material, low=100, high=150)
    assert [one.text[0] for one in draft.sentences] == ["二", "三", "四"]
    assert [one.text[0] for one in draft.left_out] == ["一"]
    assert count_chars(draft.text) == 120


@pytest.mark.parametrize("size", [148, 149, 150])
def test_sentence_fits_to_the_last_character(size):
    material = Material(entries=(entry(1, date(2020, 5, 1), "旧"), entry(2, sentence="新" * size)))
    draft = draft_of(material, low=100, high=150)
    assert count_chars(draft.text) == (size + 1 if size < 150 else 151)


def test_one_sentence_too_long_for_the_whole_stands_alone():
    draft = draft_of(Material(entries=(entry(sentence="新" * 170),)), low=100, high=150)
    assert (count_chars(draft.text), len(draft.left_out)) == (171, 0)


def test_look_back_and_measures_fill_up_only_what_is_missing():
    measures = ("倒排工期，挂图作战", Basis(BasisKind.MEASURES, 5, date(2020, 2, 1), "教育局"))
    look_back = LookBackSaid(9, date(2020, 5, 31), "教育局", "三层浇筑完成", "缺钢材", "抢抓晴天")
    short = Material(look_backs=(look_back,), measures=measures)
    assert drafted(short) == [
        ("三层浇筑完成。", "教育局5月回头看"),
        ("存在问题：缺钢材。", "教育局5月回头看"),
        ("下一步，抢抓晴天。", "教育局5月回头看"),
        ("倒排工期，挂图作战。", "2月1日教育局填报责任安排"),
    ]
    long = Material(entries=(entry(sentence="做" * 110),), measures=measures)
    assert [text[:1] for text, _ in drafted(long)] == ["做"]


def test_other_units_are_named():
    material = Material(
        entries=(entry(1, sentence="完成招标。", is_own=False, unit="财政局"),),
        contributions=(ContributionSaid(2, date(2020, 6, 1), "住建局", "住建局完成验线。"),),
    )
    assert [text for text, _ in drafted(material)] == ["财政局：完成招标。", "住建局完成验线。"]


SAID = st.text(alphabet="主体封顶完成3,.5%。；，新增人", min_size=1, max_size=40)


@given(st.lists(SAID, max_size=8), st.integers(20, 60))
def test_draft_holds_only_what_was_said_and_never_grows_over_its_bound(sentences, high):
    entries = tuple(entry(n, date(2020, 1 + n, 1), one) for n, one in enumerate(sentences))
    draft = draft_of(Material(entries=entries), low=10, high=high)
    assert draft == draft_of(Material(entries=entries), low=10, high=high)
    assert len(draft.sentences) == 1 or count_chars(draft.text) <= high
    said = "".join(sentences)
    for one in draft.sentences:
        assert one.text.removesuffix("。") in said
        assert one.text.removesuffix("。") in sentences[one.basis.id]


def test_traced_sentences_are_those_that_still_stand_in_the_text():
    material = Material(entries=(entry(1, date(2020, 3, 3), "完成选址。"), entry(2, sentence="主体封顶。")))
    found = traced("主体封顶。完成了选址。", candidates_of(material))
    assert found == [{"text": "主体封顶。", "kind": "progress", "id": 2, "words": "6月3日教育局填报"}]
    assert traced("主体封顶。", (), kept=found) == found
    assert traced("改写了。", candidates_of(material), kept=found) == []
