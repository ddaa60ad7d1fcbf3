"""What the invented people write: plain sentences made from a matter's own words."""

import re
from collections.abc import Callable

from duban.bulletins.rules import Section
from duban.cli.demo_year.behaviour import choice

_STAGES: tuple[tuple[float, tuple[str, ...]], ...] = (
    (
        12,
        (
            "已成立工作专班，制定“{what}”实施方案，正在做前期准备。",
            "疫情影响逐步消除，“{what}”的前期工作已经启动。",
            "已完成摸底，明确了“{what}”的责任分工和时间表。",
        ),
    ),
    (
        40,
        (
            "“{what}”按计划推进，已完成约 {pct}。",
            "前期手续基本办结，“{what}”进入实施阶段，完成约 {pct}。",
            "召开 2 次推进会，“{what}”有关工作完成约 {pct}。",
        ),
    ),
    (
        70,
        (
            "“{what}”已完成过半，当前约 {pct}，下一步加快收尾环节。",
            "主要任务正在集中实施，“{what}”完成约 {pct}。",
            "实地查看 3 处，“{what}”进展总体平稳，完成约 {pct}。",
        ),
    ),
    (
        99.9,
        (
            "“{what}”主体工作基本完成，约 {pct}，正在查漏补缺。",
            "“{what}”进入收尾，完成约 {pct}，同步整理资料。",
            "对照任务逐项检查，“{what}”还差少量扫尾工作，完成约 {pct}。",
        ),
    ),
    (101, ("“{what}”各项要求已全部完成，资料齐备。", "“{what}”已完成并通过自查。")),
)


def what_of(text: str) -> str:
    """Return a matter in a few words, for a sentence: its first clause."""
    first = re.split(r"[，。；;,]", text.replace("“", "").replace("”", "").strip())[0]
    return first if len(first) <= 24 else f"{first[:23]}…"


def progress_sentence(text: str, *, pct: float, seed: str, about: str) -> str:
    """Return what a unit says of a matter at a percentage."""
    for most, sentences in _STAGES:
        if pct < most:
            return choice(seed, sentences, "sentence", about).format(what=what_of(text), pct=f"{pct:.0f}%")
    raise ValueError(pct)


def slip_sentence(text: str, *, seed: str, about: str) -> str:
    """Return why a matter is behind."""
    reasons = (
        "用地手续尚未批复，“{what}”进度落后于计划。",
        "受汛期和施工组织影响，“{what}”阶段性放缓。",
        "资金拨付较慢，“{what}”部分环节未能按时启动。",
        "征迁协商尚未完成，“{what}”推进慢于预期。",
        "人员力量不足，“{what}”有关工作未按节点完成。",
    )
    return choice(seed, reasons, "slip", about).format(what=what_of(text))


def look_back(text: str, *, pct: float, seed: str, about: str) -> tuple[str, str, str]:
    """Return the three lines a unit notes for itself at a month's end: what was done, the problem, the next step."""
    what = what_of(text)
    done = choice(seed, ("本月推进“{what}”", "“{what}”完成约 {pct:.0f}%", "专题研究“{what}”1 次"), "done", about)
    problem = choice(seed, ("", "", "协办单位配合不够及时", "手续办理时间较长", "缺少专业人员"), "problem", about)
    following = choice(seed, ("按计划推进", "下月初召开推进会", "到现场逐项核对"), "next", about)
    return done.format(what=what, pct=pct), problem, following


def contribution(text: str, *, seed: str, about: str) -> str:
    """Return what a supporting unit did for a matter."""
    said = (
        "配合牵头单位做好“{what}”有关工作，提供资料并派员参加现场会。",
        "按职责落实“{what}”分工任务，组织人员 2 次到现场协助。",
        "协助开展“{what}”宣传和摸排，按时反馈情况。",
    )
    return choice(seed, said, "contribution", about).format(what=what_of(text))


_FILLERS = (
    "牵头单位每月调度一次，协办单位按分工落实。",
    "对照任务清单逐项检查，未发现需要提请协调的问题。",
    "下一步将加强统筹，倒排时间，确保全年任务完成。",
    "同步做好资料收集归档，为年底销号做好准备。",
    "加强与协办单位沟通，及时解决推进中的具体问题。",
    "落实专人负责，做到有计划、有检查、有记录。",
)


def filled_up(draft: str, *, low: int, count: Callable[[str], int], seed: str, about: str) -> str:
    """Return a report's draft, with plain sentences added until it is long enough."""
    text = draft
    start = int(choice(seed, range(len(_FILLERS)), "filler", about))
    for place in range(len(_FILLERS)):
        if count(text) >= low:
            return text
        text += _FILLERS[(start + place) % len(_FILLERS)]
    return text


def measures(text: str, *, seed: str, about: str) -> str:
    """Return how a unit means to go about a matter."""
    ways = (
        "成立“{what}”工作专班，分管领导牵头，每月调度。",
        "把“{what}”分解到股室，明确节点，按月检查。",
        "制定“{what}”推进表，重点环节由主要负责人到现场协调。",
    )
    return choice(seed, ways, "measures", about).format(what=what_of(text))


PROBLEMS: tuple[tuple[str, str], ...] = (
    ("项目用地指标不足，手续无法办理。", "请协调落实用地指标。"),
    ("部分管线产权单位未迁改，影响施工。", "请督促产权单位限期迁改。"),
    ("年度资金缺口较大，后续工程款不能按期支付。", "请研究追加预算或调整支出。"),
    ("数据分散在几个部门，口径不一致。", "请明确数据归口和提供时间。"),
    ("施工便道经过村庄，群众有意见。", "请属地镇（街道）协助做好工作。"),
    ("专业技术人员缺乏，方案审查进展慢。", "请选派专业人员支持。"),
)
ANSWERS = (
    "已安排专人对接，三个工作日内给出具体意见。",
    "已会同有关股室现场查看，同意按所提方案办理。",
    "资料已提供，后续按月更新。",
    "所提问题涉及多个单位，已列入专题研究。",
)
NOT_SOLVED = ("答复没有明确完成时间，问题仍在。", "只解决了一部分，剩余部分还需协调。")

LETTER_ANSWERS = (
    "原因已经查明，主要是前期手续衔接不畅；已调整工序、增派人员，每周调度一次。",
    "受施工条件影响进度偏慢，已倒排工期，由分管领导现场督办。",
    "数据填报不及时，现已核实更正，今后按月填报。",
    "已约谈具体责任人，明确完成时间，逐周报告进展。",
)

NEXT_STEPS = {
    Section.CRITICISM: (
        "主要负责人牵头成立专班，倒排工期，每周调度一次，下月底前赶上序时进度。",
        "对卡住的环节列出清单，逐项明确责任人和完成日期，月底前报送整改情况。",
        "请分管区领导召开协调会，解决要素保障问题，随后集中力量推进。",
    ),
    Section.PRAISE: (
        "巩固已有成效，把做法整理成制度。",
        "做好后续管理，主动为其他单位介绍经验。",
    ),
}
"""What comes next with a matter that is criticised or praised, where its unit has told nothing."""
