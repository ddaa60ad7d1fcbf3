"""A title broken into lines by its words: 梯形 or 菱形, no word and no name parted. Source: docs/sources.md#documents

Without a dictionary of the language: the field's own words are known, runs of unknown characters are kept together as
long as another place will do. Measured in characters (全角): a half-width letter or digit counts half a one.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS = _words(
    """
    关于 印发 转发 批转 下发 做好 开展 加强 推进 推动 落实 进行 成立 召开 实施 报送 报告 明确 调整 公布 通报
    表扬 批评 进一步 切实 全面 深入 扎实 加快 抓好 按时 及时 继续 集中 提前 共同 协助 商请 提请 同意 下达
    分解 交办 立项 签收 提醒 催办 督办 督查 督促 检查 考评 考核 约谈 核验 核查 察访核验 实地考查 整改 销号
    办结 办理 承办 协办 牵头 反馈 答复 审批 批示 指示 汇总 统计 完成 未完成 延期 暂停 变更 结转 终止 复核
    异议 回避 区政府 县政府 市政府 省政府 镇政府 人民政府 人民政府办公室 政府办 政府办公室 办公室 督查室
    政府工作报告 区政府工作报告 县政府工作报告 市政府工作报告 工作报告 区委 县委 市委 省委 党委 党组 区直
    县直 市直 省直 各镇 各街道 各乡镇 各部门 各单位 有关 相关 有关单位 相关单位 单位 部门 街道 街道办事处
    办事处 乡镇 镇村 社区 园区 工业园区 开发区 直属机构 国有企业 国企 事业单位 企业 机关 群团 法院 检察院
    人大 政协 常委会 常务会议 全体会议 专题会议 会议 会议纪要 纪要 领导 领导小组 分管领导 联系领导 主要领导
    负责人 责任人 联络员 同志 干部 人员 群众 目标 任务 目标任务 责任 责任分解 责任分解表 分解表 责任清单
    清单 工作清单 台账 年度台账 事项 督查事项 重点事项 事宜 工作 重点工作 专项工作 年度工作 情况 落实情况
    完成情况 办理情况 进展情况 工作情况 整改情况 推进情况 有关情况 通知 通知书 通告 公告 意见 实施意见
    指导意见 决定 决议 命令 请示 批复 函 复函 提醒函 催办函 督办函 商请函 方案 实施方案 工作方案 行动方案
    计划 工作计划 行动计划 规划 办法 实施办法 管理办法 暂行办法 规定 暂行规定 细则 实施细则 规则 制度 机制
    工作机制 要点 工作要点 总结 汇报 专报 简报 公报 档案 汇总表 核验表 一览表 情况表 明细表 表 政务督查
    督查工作 年度 上半年 下半年 全年 半年 季度 一季度 二季度 三季度 四季度 月份 本月 上月 今年 去年 当前
    近期 前期 下一步 阶段 第一 第二 第三 第四 阶段性 期间 以来 以前 之前 以后 之后 建设 项目 重点项目
    重大项目 工程 重点工程 民生 民生实事 为民办实事 实事 实事项目 产业 工业 农业 农村 服务业 旅游 文化 教育
    卫生 健康 医疗 医保 社会 社会保障 就业 创业 人才 招商 引资 招商引资 投资 固定资产投资 营商环境 环境 生态
    生态环境 环境保护 污染防治 安全 安全生产 安全隐患 隐患 排查 整治 专项整治 治理 综合治理 防控 疫情
    疫情防控 复工 复产 复工复产 防汛 抗旱 防汛抗旱 应急 应急管理 消防 森林防火 食品 药品 食品安全 交通 道路
    公路 旅游公路 水利 水库 供水 供电 供气 供热 住房 住房保障 棚户区 老旧小区 小区 改造 征收 征迁 拆迁 土地
    用地 国土 空间 规划建设 城市 城市管理 城乡 城镇 乡村 乡村振兴 脱贫 脱贫攻坚 扶贫 扫黑除恶 专项斗争 平安
    法治 依法 行政 政务 政务服务 政务公开 信息 信息公开 数据 大数据 数字 智慧 平台 系统 网络 服务 管理 监督
    监管 市场监管 市场主体 市场 经济 经济社会 经济运行 发展 高质量 高质量发展 改革 创新 科技 开放 合作 转型
    升级 提升 提高 改善 优化 完善 健全 建立 建成 打造 创建 培育 扶持 支持 保障 财政 资金 专项资金 预算 审计
    税务 税收 金融 统计局 教育局 财政局 发改局 人社局 商务局 民政局 司法局 审计局 公安局 公安分局 税务局
    工信局 城管局 农水局 水利局 农业农村局 住建局 自然资源局 生态环境局 交通运输局 文体旅游局 卫健局
    市场监管局 应急管理局 医保局 退役军人局 信访局 行政服务中心 管理委员会 管委会 委员会 指挥部 中心 学校
    小学 中学 幼儿园 医院 人口 普查 人口普查 老年 老龄 养老 儿童 妇女 残疾人 志愿 党建 作风 作风建设 减负
    形式主义 基层 先进 单位和个人 个人 集体 先进集体 先进个人 问题 突出问题 困难 困难问题 短板 措施 政策
    文件 精神 要求 名单 名录 材料 佐证材料 指标 主要指标 标准 范围 程序 流程 时间 时间表 路线图 进度
    序时进度 滞后 严重 缓慢 推进缓慢 逾期 未报 严重滞后 进展 进展缓慢 红灯 黄灯 绿灯 三盏灯
    """
)
_SMALL = frozenset("的和与及对在为被等各本全将向由以了地得之")
_VERBS = _words(
    """
    印发 转发 批转 下发 做好 开展 加强 推进 推动 落实 进行 成立 召开 实施 报送 明确 调整 公布 通报 表扬 批评
    抓好 商请 提请 同意 下达 协助 按时 及时 进一步 切实 全面 深入 加快 继续 有关 相关 建立 健全 完善 提高
    提升
    """
)
_LONGEST = max(map(len, _WORDS))
_NO_START = frozenset("的了、，。：；？！％%‰℃）》〉〕】」』”’…—,.;:!?)]}")
_NO_END = frozenset("（《〈〔【「『“‘([{第")
_PAIRS = {"《": "》", "（": "）", "〔": "〕", "“": "”", "【": "】", "〈": "〉", "(": ")"}
_NUMBER = re.compile(
    r"〔\d{4}〕\s?\d+号"
    r"|第?(?:[0-9][0-9.,]*|[一二三四五六七八九十百千]+(?=[年月日期号项个件人次届批季]))(?:[万亿%％‰]|个百分点)*"
    r"(?:年度|年|月份|月|日|期|号|项|个|件|人|次|届|批|季度|家|户|亩|公里|平方米|万元|亿元|元)?"
    r"|[A-Za-z][A-Za-z0-9.+\-]*"
)
_FORBIDDEN = float("inf")


def width_of(text: str) -> float:
    """Return how wide words stand, in characters: a half-width letter or digit counts half a one."""
    return sum(1.0 if unicodedata.east_asian_width(one) in "WFA" else 0.5 for one in text)


def break_title(title: str, never_split: Sequence[str] = (), widest: float = 20.0) -> tuple[str, ...]:
    """Return a title's lines, top to bottom; joined they are the title again.

    never_split: words and names no line may part; one wider than a line is broken between its own words, as there is
    no other way.   widest: of a line, in characters; 二号 in 156 mm takes 20. A line break within the title is the
    writer's own and is kept.
    """
    if widest < 2:
        raise ValueError(f"a line of {widest} characters takes no title")
    if "\n" in title:
        pieces = [one for one in title.split("\n") if one]
        return tuple(line for piece in pieces for line in break_title(piece, never_split, widest))
    if width_of(title) <= widest:
        return (title,)
    costs = _costs(title, [one for one in never_split if one and width_of(one) <= widest], never_split, widest)
    return tuple(title[start:end] for start, end in pairwise((0, *_best(title, costs, widest), len(title))))


# ---- where a line may end


def _tokens(title: str) -> list[tuple[int, int, bool]]:
    """Return (start, end, known) of the title's words, the fewest that make it up."""
    best: list[tuple[float, int, bool]] = [(0.0, 0, True)] + [(_FORBIDDEN, 0, False)] * len(title)
    for start in range(len(title)):
        cost = best[start][0]
        if cost == _FORBIDDEN:
            continue
        for end, price, known in _words_at(title, start):
            if cost + price < best[end][0]:
                best[end] = (cost + price, start, known)
    found: list[tuple[int, int, bool]] = []
    end = len(title)
    while end:
        _, start, known = best[end]
        found.append((start, end, known))
        end = start
    return found[::-1]


def _words_at(title: str, start: int) -> Iterator[tuple[int, float, bool]]:
    number = _NUMBER.match(title, start)
    if number:
        yield number.end(), 0.5, True
        if title[start].isascii():
            return
    for length in range(2, min(_LONGEST, len(title) - start) + 1):
        if title[start : start + length] in _WORDS:
            yield start + length, 1.0, True
    one = title[start]
    known = one in _SMALL or not one.isalnum()
    yield start + 1, 0.9 if known else 1.1, known


def _costs(title: str, kept: Sequence[str], names: Sequence[str], widest: float) -> list[float]:
    """Return for each place from 0 to the title's length what a line's end there costs."""
    costs = [14.0] * (len(title) + 1)
    costs[0] = costs[-1] = 0.0
    tokens = _tokens(title)
    for (start, middle, left), (_, end, right) in pairwise(tokens):
        costs[middle] = _between(title[start:middle], title[middle:end], left, right)
    for start, end, known in tokens:  # a word is parted only where nothing else is left
        if known:
            for place in range(start + 1, end):
                costs[place] = 60.0
    _add_within(costs, _issuer(title), 9.0, title, widest)
    for span in _bracketed(title):
        _add_within(costs, span, 7.0, title, widest)
    for name in names:
        for start in _places(title, name):
            _add_within(costs, (start, start + len(name)), _FORBIDDEN if name in kept else 20.0, title, widest)
    for place in range(1, len(title)):
        if title[place] in _NO_START or title[place - 1] in _NO_END or unicodedata.combining(title[place]):
            costs[place] = _FORBIDDEN
    return costs


def _between(left: str, right: str, left_is_known: bool, right_is_known: bool) -> float:
    if right == "关于":
        return -6.0
    if left == "关于":
        return 7.0
    if not left_is_known and not right_is_known:
        return 14.0
    if not left_is_known or not right_is_known:
        return 4.0
    if left in _VERBS:
        return 3.0
    if left in ("和", "与", "及") or left[0].isascii():
        return 3.0
    if left == "的":
        return 2.0
    return 0.5 if left == "、" else 1.0


def _issuer(title: str) -> tuple[int, int]:
    """Return where the issuer's name stands: before 关于, at the beginning."""
    return 0, max(title.find("关于"), 0)


def _bracketed(title: str) -> Iterator[tuple[int, int]]:
    for start, one in enumerate(title):
        end = title.find(_PAIRS[one], start + 1) if one in _PAIRS else -1
        if end > start:
            yield start, end + 1


def _places(title: str, name: str) -> Iterator[int]:
    start = title.find(name)
    while start >= 0:
        yield start
        start = title.find(name, start + 1)


def _add_within(costs: list[float], span: tuple[int, int], more: float, title: str, widest: float) -> None:
    start, end = span
    if more == _FORBIDDEN or width_of(title[start:end]) <= widest:
        for place in range(start + 1, end):
            costs[place] += more


# ---- which of them are taken


def _best(title: str, costs: Sequence[float], widest: float) -> tuple[int, ...]:
    """Return the places of the cheapest breaking. Where none keeps every rule, rules give way and the width stands."""
    widths = [0.0]
    for one in title:
        widths.append(widths[-1] + width_of(one))
    fewest = int(-(-widths[-1] // widest))
    for tried in (costs, [200.0 if one == _FORBIDDEN else one for one in costs]):
        found = [
            (price + 5.0 * (count - fewest), places)
            for count in range(fewest, fewest + 3)
            for price, places in _with_lines(tried, widths, widest, count)
        ]
        if found:
            return min(found)[1]
    return tuple(_plain(widths, widest))


def _with_lines(
    costs: Sequence[float], widths: Sequence[float], widest: float, count: int
) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Yield (price, places) of breakings into so many lines: all of them while they are few, else the evenest."""
    if count <= 4:
        for places in _all(costs, widths, widest, count):
            lengths = [widths[end] - widths[start] for start, end in pairwise((0, *places, len(costs) - 1))]
            yield sum(costs[one] for one in places) + _shape(lengths), places
        return
    mean = widths[-1] / count

    @cache
    def rest(start: int, lines: int) -> tuple[float, tuple[int, ...]]:
        if lines == 1:
            length = widths[-1] - widths[start]
            return ((length - mean) ** 2, ()) if 2 <= length <= widest else (_FORBIDDEN, ())
        best: tuple[float, tuple[int, ...]] = (_FORBIDDEN, ())
        for end in _ends(costs, widths, widest, start, lines):
            more, places = rest(end, lines - 1)
            best = min(best, (more + costs[end] + (widths[end] - widths[start] - mean) ** 2, (end, *places)))
        return best

    price, places = rest(0, count)
    if price < _FORBIDDEN:
        yield price, places


def _all(
    costs: Sequence[float], widths: Sequence[float], widest: float, lines: int, start: int = 0
) -> Iterator[tuple[int, ...]]:
    if lines == 1:
        if 2 <= widths[-1] - widths[start] <= widest:
            yield ()
        return
    for end in _ends(costs, widths, widest, start, lines):
        for places in _all(costs, widths, widest, lines - 1, end):
            yield (end, *places)


def _ends(costs: Sequence[float], widths: Sequence[float], widest: float, start: int, lines: int) -> Iterable[int]:
    """Yield where a line begun here may end, so that the lines left can still take the rest."""
    for end in range(start + 1, len(costs) - 1):
        length = widths[end] - widths[start]
        if length > widest:
            return
        if length >= 2 and costs[end] < _FORBIDDEN and widths[-1] - widths[end] <= widest * (lines - 1):
            yield end


def _shape(lengths: Sequence[float]) -> float:
    """Return what a shape costs: 梯形 and 菱形 nothing, an hourglass much, lines of very unequal length much."""
    longest, shortest = max(lengths), min(lengths)
    uneven = (longest - shortest) / longest
    cost = 5.0 * uneven + 60.0 * max(0.0, uneven - 0.5)
    if shortest < 4:
        cost += 8.0
    if any(before > middle < after for before, middle, after in zip(lengths, lengths[1:], lengths[2:], strict=False)):
        cost += 12.0
    if uneven == 0 and len(lengths) > 1:
        cost += 0.5
    return cost + (1.5 if lengths[0] > lengths[-1] and lengths[0] == longest else 0.0)


def _plain(widths: Sequence[float], widest: float) -> Iterator[int]:
    start = 0
    for place in range(1, len(widths) - 1):
        if widths[place + 1] - widths[start] > widest:
            yield place
            start = place
