"""What a replay can know and what not, in the words of its page, its command and the documentation."""

from duban.replay.rules.past import Answers

HELD_FIXED = (
    "事实照记录：进展、报告、预判、节点、销号、延期、暂停，各按当日所知；单位和汇总单位按今天的。",
    "期限照记录：签收、报送、答复等已经定下的期限不因换规则改动；报送日期改过的，改之前的日子按原来的。",
    "人办的事照记录：督查室的改判、另行拟发的函、函件的签发与作罢、通报条目的取舍，都不重新假定。",
    "推演出的函，同一天、同一单位、同一种函实际也拟过的，签发、送达、答复照实际情况。",
    "通报按实际出过的各期推演条目：每期取其定格日，看另一套规则会提出哪些。",
    "约谈只推演事由何时提出；实际约谈过的、复查的结论和领导的评价照记录，不计入推演。",
)
"""Sentences: what a replay takes from the record as it is."""

UNKNOWABLE = "换了规则，单位也许会做得不一样，这一点推演不出来。"

ASSUMED = {
    Answers.GIVEN: "实际没有拟过的函，推演当作拟出当天签发送达，单位在期限内答复并获认可。",
    Answers.NONE: "实际没有拟过的函，推演当作拟出当天签发送达，单位始终没有答复。",
}
"""What is assumed of letters that were never sent."""
