"""A full example of every kind of document, from the invented county 临江区; nobody in them is a real person.

Used by the tests and by tools/gallery.py.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duban
from duban.documents import kinds
from duban.documents.charts import (
    Change,
    Counts,
    Progress,
    UnitLights,
    changes_since,
    lights_by_unit,
    progress_against_schedule,
)
from duban.documents.kinds.assignment_notice import AssignmentNoticeData
from duban.documents.kinds.bulletin import (
    BulletinData,
    Entry,
    LateReport,
    Praise,
    Standing,
    captioned,
    totals_of,
)
from duban.documents.kinds.closure_list import Closed, ClosureListData
from duban.documents.kinds.duty_table import Duty, DutyTableData
from duban.documents.kinds.evaluation_table import EvaluationTableData, FactLine, UnitLine
from duban.documents.kinds.half_year_table import Completion, HalfYearTableData
from duban.documents.kinds.interview_minutes import Demand, InterviewMinutesData
from duban.documents.kinds.interview_notice import InterviewNoticeData
from duban.documents.kinds.leader_brief import BriefList, LeaderBriefData
from duban.documents.kinds.letter import LetterData, LetterMatter
from duban.documents.kinds.matter_file import Exhibit, Happening, MatterFileData
from duban.documents.kinds.parts import Contact, Section
from duban.documents.kinds.report_passage import Count, Passage, ReportPassageData, Sum
from duban.documents.kinds.review_decision import ReviewDecisionData
from duban.documents.kinds.unit_list import UnitDuty, UnitListData
from duban.documents.kinds.visit_table import Claim, Visited, VisitTableData
from duban.documents.paper import Paper
from duban.documents.wording import Addressee, Rank
from duban.reading import Name, Reading, read_notice

ISSUER = "临江区人民政府办公室"
OFFICE = "临江区人民政府督查室"
CONTACT = Contact("方知白", "0000-00000000")
_HOUSES = (
    Addressee("区委办公室", Rank.PARTY),
    Addressee("区人大常委会办公室", Rank.CONGRESS),
    Addressee("区政协办公室", Rank.CONFERENCE),
)
_BELOW = (
    Addressee("各镇人民政府", Rank.TOWN),
    Addressee("望江街道办事处", Rank.TOWN),
    Addressee("区政府各部门", Rank.DEPARTMENT),
    Addressee("各直属机构", Rank.INSTITUTION),
)
NOTICE = Path(duban.__file__).parent / "cli" / "demo_year" / "notice.txt"


def duties_of(reading: Reading) -> tuple[Duty, ...]:
    """Return the rows of a table as a notice was read."""

    def called(names: tuple[Name, ...]) -> tuple[str, ...]:
        return tuple(one.name + (f"（{one.qualifier}）" if one.qualifier else "") for one in names)

    return tuple(
        Duty(
            one.serial or "",
            one.text,
            called(one.lead_units),
            called(one.persons),
            called(one.support_units),
            called(one.overseers),
        )
        for one in reading.matters
    )


def duty_table() -> DutyTableData:
    return DutyTableData(
        "2020年区政府工作报告目标任务责任分解表", duties_of(read_notice(NOTICE.read_bytes(), file_name=NOTICE.name))
    )


def _duties_by_serial() -> dict[str, Duty]:
    return {one.serial: one for one in duty_table().duties}


REMIND = LetterData(
    issuer=ISSUER,
    number="临江政督提〔2020〕1号",
    title="关于督查事项办理情况的提醒函",
    recipient="文体旅游局",
    opening="你单位承办的下列督查事项进度偏慢或者期限临近：",
    matters=(
        LetterMatter(
            "20",
            "打造7个文体旅游融合试点村。",
            "6月1日起为黄灯。落后序时进度：应完成41.7%，现报28.6%；“完成4个试点村规划设计”应于2020年6月10日完成，期限临近。",
        ),
        LetterMatter(
            "54",
            "举办公益文化展演展播百场以上。",
            "6月3日起为黄灯。单位预判“有困难但可完成”。",
        ),
    ),
    demand="请抓紧推进，于收到本函后5个工作日内改正；一时难以改正的，请书面说明一句。",
    ending="特此提醒。",
    signed_on=date(2020, 6, 4),
    contact=CONTACT,
)

_UNREPORTED = "报送完成情况，至今未报，已逾期2个工作日。"
_UNCURED = "6月4日发出提醒函（临江政督提〔2020〕2号），5个工作日后仍为黄灯。"

URGE = LetterData(
    issuer=ISSUER,
    number="临江政督催〔2020〕3号",
    title="关于督查事项办理情况的催办函",
    recipient="城管局",
    opening="你单位承办的下列督查事项未按要求办理：",
    matters=tuple(
        LetterMatter(serial, words, reason)
        for serial, words, reason in (
            ("14", "创建文创培训、美食、服装、夜市等特色街区。", f"应于6月20日前{_UNREPORTED}"),
            ("47", "加快江南街东段、中和街等市政路网建设，打通梗阻路。", f"应于6月20日前{_UNREPORTED}"),
            ("48", "完善区间路，优化城市交通系统。", "“完成征迁”应于6月15日前完成，已逾期6个工作日。"),
            ("52", "加快推进云台公园慢道工程一期建设、博物馆提升和科技馆二期建设。", _UNCURED),
            ("58", "加快柳溪流域综合整治项目景观工程、植物园二期建设，打造特色生态绿道景观系统。", _UNCURED),
            ("61", "拓展智慧政务在警务、城管、社区治理等领域应用。", "销号申请已被退回2次，尚未重新申请。"),
            ("75", "完善园林绿化、道路、路灯专业管养模式，全面提高城市管理水平。", f"应于6月20日前{_UNREPORTED}"),
        )
    ),
    demand="请抓紧办理，于收到本函后5个工作日内书面说明原因和新的完成时间。",
    signed_on=date(2020, 6, 23),
    copies_to=(Addressee("郑文渊副区长", Rank.ABOVE),),
    contact=CONTACT,
)

SUPERVISE = LetterData(
    issuer=ISSUER,
    number="临江政督督〔2020〕1号",
    title="关于环江旅游公路建设进展情况的督办函",
    recipient="交通运输局",
    opening="你单位承办的下列督查事项进展严重滞后或者未按催办要求答复：",
    matters=(
        LetterMatter(
            "24",
            "启动环江旅游公路建设。",
            "7月1日起为红灯。落后序时进度：应完成50%，现报12%；6月12日发出的催办函（临江政督催〔2020〕2号）应于6月19日前"
            "答复，至今未答复。",
        ),
    ),
    demand="请立即研究，于收到本函后10个工作日内书面报送整改措施。",
    ending="特此函告。",
    signed_on=date(2020, 7, 2),
    copies_to=(Addressee("齐同舟副区长", Rank.ABOVE),),
    contact=CONTACT,
    urgency="加急",
)

INVITE = LetterData(
    issuer=ISSUER,
    number="临江政督提〔2020〕4号",
    title="关于商请协助推进督查事项的函",
    recipient="供电客服分中心",
    opening="贵单位承办的下列督查事项进度偏慢或者期限临近：",
    matters=(
        LetterMatter(
            "30", "落实减税降费、电力直接交易、用热补助等政策。", "6月10日起为黄灯。单位预判“有困难但可完成”。"
        ),
    ),
    demand="商请抓紧推进，于收到本函后5个工作日内改正；一时难以改正的，请书面说明一句。感谢支持。",
    ending="专此函达。",
    signed_on=date(2020, 6, 11),
    contact=CONTACT,
)


def assignment_notice() -> AssignmentNoticeData:
    return AssignmentNoticeData(
        issuer=ISSUER,
        number="临江政办〔2020〕2号",
        title="临江区人民政府办公室关于印发2020年区政府工作报告目标任务责任分解表的通知",
        recipients=(
            Addressee("江东工业园区", Rank.ZONE),
            *_BELOW,
            Addressee("上级驻临江各单位", Rank.VERTICAL),
            Addressee("区属各国有企业", Rank.ENTERPRISE),
        ),
        opening="为全面落实好区人大会议通过的区《政府工作报告》各项工作任务，经区政府同意，现将2020年区《政府工作报告》目标"
        "任务进行责任分解，请认真抓好贯彻落实。有关事项通知如下：",
        sections=(
            Section(
                "紧扣中心，明确主体责任",
                (
                    "各单位要把区政府工作报告目标任务列入重要议事日程，针对确定的157项“法定作业”，严格执行工作清单责任制，"
                    "明确责任领导、具体责任人、进度安排等，真抓实干、对账销号，扎实完成好全年目标任务。",
                ),
            ),
            Section(
                "齐抓共管，形成工作合力",
                (
                    "各项任务牵头单位要发挥主导作用，加大统筹力度，建立健全协调调度机制，加强与责任单位的沟通协调，及时帮助解决"
                    "工作推进中遇到的困难和问题；责任单位要积极配合、主动作为，履行好职能职责，按时将工作进展情况上报给牵头单位。",
                ),
            ),
            Section(
                "强化督查，健全考核机制",
                (
                    "区政府督查室要按照“任务分解、立项交办、跟踪督查、临近提醒、按期催办、据实销号、结果通报、启动约谈”的程序，"
                    "对列入年度157项“法定作业”的事项进行督查督办，对工作进展缓慢的，在《政务督查》上予以通报，并列入年底的察访核验。",
                    "各承办单位要明确1名分管领导和1名联络员负责具体情况报告和沟通联络工作，并分别于2020年6月20日前和12月20日前"
                    "将工作任务完成情况报送区政府督查室，字数控制在100—150字之间，完成情况将作为各单位、各部门年度绩效考评的重要依据。",
                ),
            ),
        ),
        table=duty_table(),
        signed_on=date(2020, 1, 22),
        copies_to=(
            *_HOUSES,
            Addressee("区人武部", Rank.MILITARY),
        ),
        contact=Contact("许望舒", "0000-00000000", "0000-00000001", "duban@example.org"),
        printed_on=date(2020, 1, 22),
        copies=120,
    )


INTERVIEW_NOTICE = InterviewNoticeData(
    issuer=ISSUER,
    number="临江政办函〔2020〕18号",
    title="约谈通知书",
    recipient="城管局",
    basis="因你单位承办的区政府工作报告目标任务进展严重滞后，发出督办函后10个工作日内未报送整改措施，经区政府分管领导批准，"
    "决定对你单位有关负责同志进行约谈。现将有关事项通知如下：",
    when="2020年8月6日（星期四）上午9时",
    place="区政府第三会议室",
    chair="梁伯庸（区政府办公室主任）",
    invited=("冯春生（城管局局长）", "分管负责同志1名"),
    reasons=(
        "第48项“完善区间路，优化城市交通系统”：应于2020年6月15日前完成征迁，至今尚有4户未签约，连续两个月末为红灯",
        "第58项“加快柳溪流域综合整治项目景观工程”：7月2日发出督办函（临江政督督〔2020〕2号），应于7月16日前报送整改措施，至今未报",
    ),
    prepare=(
        "说明进展滞后的原因、已采取的措施和存在的困难",
        "提出整改措施和完成时间；不需另行准备书面汇报材料",
    ),
    ending="请按时参加；因故不能参加的，请于8月5日前向区政府督查室说明。",
    signed_on=date(2020, 8, 3),
    copies_to=(Addressee("郑文渊副区长", Rank.ABOVE),),
    contact=CONTACT,
)

INTERVIEW_MINUTES = InterviewMinutesData(
    office=ISSUER,
    mark="临江区人民政府办公室约谈纪要",
    number="〔2020〕2号",
    title="约谈城管局主要负责人会议纪要",
    held="2020年8月6日上午",
    place="区政府第三会议室",
    chair="区政府办公室主任梁伯庸",
    present=("梁伯庸（区政府办公室）", "许望舒、方知白（区政府督查室）", "冯春生、明远（城管局）"),
    recorder="方知白",
    reasons=(
        "城管局承办的第48项“完善区间路”、第58项“柳溪流域综合整治项目景观工程”进展严重滞后，连续两个月末为红灯，"
        "发出督办函后未按期报送整改措施",
    ),
    explanation=(
        "冯春生说明：区间路征迁涉及12户，其中4户补偿协议尚未签订；绿道河道段受主汛期影响，6月至7月停工38天",
        "督办函由办公室签收后未及时呈报，属内部流转问题",
    ),
    demands=(
        Demand("8月20日前报送整改方案，逐项明确责任人和完成时间", "城管局", date(2020, 8, 20)),
        Demand("8月底前完成剩余4户征迁，9月复工建设其余5条区间路", "城管局、望江街道", date(2020, 8, 31)),
        Demand("绿道河道段10月底前完成主体施工", "城管局、农水局", date(2020, 10, 31)),
    ),
    undertaking=("城管局表示接受约谈意见，由主要负责人牵头，每两周调度一次，按上述时间完成",),
    issued_on=date(2020, 8, 7),
    sent_to=(
        Addressee("郑文渊副区长", Rank.ABOVE),
        Addressee("城管局、农水局", Rank.DEPARTMENT),
        Addressee("望江街道", Rank.TOWN),
    ),
)

_UNITS = (
    ("教育局", (6, 1, 0, 0)),
    ("城管局", (5, 3, 2, 0)),
    ("交通运输局", (7, 1, 1, 0)),
    ("文体旅游局", (9, 2, 0, 1)),
    ("农水局", (8, 1, 0, 1)),
    ("卫健委", (4, 0, 0, 0)),
    ("自然资源局", (6, 2, 1, 0)),
    ("江东工业园区管理委员会", (5, 1, 0, 0)),
    ("松岭镇", (3, 1, 0, 0)),
    ("江河水务公司", (2, 0, 0, 0)),
)


def bulletin() -> BulletinData:
    duties = duty_table().duties
    charts = captioned(
        (
            *changes_since(
                UnitLights("5月31日", Counts(95, 16, 4, 13)),
                UnitLights("6月30日", Counts(83, 18, 6, 21)),
                [
                    Change("绿灯转黄灯", 7),
                    Change("黄灯转绿灯", 3),
                    Change("黄灯转红灯", 3),
                    Change("红灯转绿灯", 1),
                    Change("新销号", 12),
                ],
                caption="与上期相比的变化",
            ),
            *progress_against_schedule(
                [
                    Progress("产业发展", Decimal("52.4"), Decimal(50)),
                    Progress("城乡建设", Decimal("38.1"), Decimal(50)),
                    Progress("民生保障", Decimal("55"), Decimal(50)),
                    Progress("生态环境", Decimal("47.5"), Decimal(50)),
                    Progress("改革开放", Decimal("50"), Decimal(50)),
                ],
                caption="各领域平均进度与序时进度",
            ),
            *lights_by_unit([UnitLights(name, Counts(*some)) for name, some in _UNITS], caption="部分牵头单位亮灯情况"),
        )
    )
    lights = ("绿", "绿", "黄", "绿", "", "绿", "绿", "红")
    return BulletinData(
        office="临江区人民政府督查室",
        issue=3,
        issue_total=128,
        issued_on=date(2020, 7, 8),
        title="2020年区政府工作报告目标任务上半年完成情况通报",
        as_of=date(2020, 6, 30),
        whole=128,
        totals=totals_of(Counts(83, 18, 6, 4), closed=17),
        summary=(
            "从报送情况看，应报送的128项中按时报送119项，逾期报送6项，未报送3项。与上期相比，新销号12项，转红灯3项。",
        ),
        charts=charts,
        praises=(
            Praise(("教育局",), "第92项学校新改扩建项目提前40天完成上半年节点，新增学位1620个"),
            Praise(("卫健委", "财政局"), "第84项补短板项目完成年度投资的63%，超序时进度13个百分点"),
        ),
        entries=(
            Entry(
                "48",
                "完善区间路，优化城市交通系统。",
                ("城管局", "交通运输局"),
                "应完成50%，现报37.5%；“完成征迁”节点逾期11个工作日，6月23日起为红灯",
                "征迁：4户补偿协议尚未签订",
                "望江街道8月底前完成剩余征迁，城管局9月复工其余5条",
            ),
            Entry(
                "24",
                "启动环江旅游公路建设。",
                ("交通运输局", "文旅发展公司"),
                "应完成50%，现报12%；催办函逾期未答复",
                "用地：林地报批材料6月24日方报市林业局；资金：首期资本金未到位",
                "自然资源局7月20日前办结用地预审，财政局会同文旅发展公司7月底前落实首期资本金",
            ),
        ),
        late_reports=(
            LateReport("文旅发展公司", ("19", "23"), "逾期3个工作日报送"),
            LateReport("松岭镇", ("24",), "至今未报"),
        ),
        requirements=(
            "各牵头单位要对照本期通报逐项核查，红灯事项于7月15日前报送整改措施；对本期所列事实有异议的，可于收到之日起3个工作日内"
            "向区政府督查室提出。",
            "本期点名的事项列入年底察访核验。",
        ),
        standings=tuple(
            Standing(
                one.serial,
                one.text,
                one.lead_units,
                "100%" if n % 8 == 4 else f"{30 + n * 7 % 45}%",
                lights[n % 8],
                "已销号" if n % 8 == 4 else "",
            )
            for n, one in enumerate(duties[:40])
        ),
        reported_to=(Addressee("区委、区政府领导", Rank.ABOVE),),
        sent_to=_HOUSES,
        issued_to=(
            *_BELOW,
            Addressee("区属各国有企业", Rank.ENTERPRISE),
        ),
        copies=150,
    )


def special_issue() -> BulletinData:
    full = bulletin()
    return replace(
        full,
        issue=4,
        issue_total=129,
        issued_on=date(2020, 7, 20),
        title="民生实事项目推进情况专刊",
        as_of=date(2020, 7, 15),
        whole=12,
        totals=totals_of(Counts(8, 2, 1, 0), closed=1),
        summary=("12项民生实事项目中，投入运行1项，完成主体工程5项。",),
        charts=(),
        praises=full.praises[:1],
        entries=full.entries[:1],
        late_reports=(),
        standings=(),
        is_special=True,
    )


def half_year_table() -> HalfYearTableData:
    said = (
        "引进夜市、文创等商户26家，江畔灯火街区一期开街，接待游客4.2万人次；完成美食街立面改造1200米。存在问题：二期摊位电力增容未批复。"
        "下一步：会同供电部门7月底前完成增容，8月中旬二期开街，年底前4个特色街区全部投入运营。",
        "建材、汽车专业市场完成招商签约38户，花卉市场完成场地平整45亩。受用地指标影响，汽车市场二期尚未开工。下一步：争取7月底前"
        "取得用地批复，8月开工，年底前完成主体建设，同步开展招商。",
        "",
    )
    lights = ("绿", "黄", "绿", "", "红", "绿")
    return HalfYearTableData(
        title="2020年区政府工作报告目标任务上半年完成情况汇总表",
        office=OFFICE,
        as_of=date(2020, 6, 30),
        rows=tuple(
            Completion(
                one.serial,
                one.text,
                one.lead_units,
                said[n % 3],
                f"{35 + n * 7 % 40}%" if said[n % 3] else "",
                lights[n % 6],
                "逾期2个工作日报送" if n % 7 == 3 else "",
            )
            for n, one in enumerate(duty_table().duties[:24])
        ),
    )


def closure_list() -> ClosureListData:
    duties = _duties_by_serial()
    rows = (
        (
            "28",
            "印发《关于加快招商引资的若干措施》，3月1日起施行。",
            "材料核验",
            date(2020, 4, 10),
            None,
        ),
        ("35", "票据服务公司4月28日开业，至6月底办理票据业务316笔、2.1亿元。", "现场核验", date(2020, 6, 18), None),
        ("20", "7个试点村全部完成规划并挂牌运营。", "现场核验", date(2020, 6, 28), date(2020, 5, 20)),
        ("32", "举办“面对面·银企通”活动6场，现场签约贷款3.8亿元。", "材料核验", date(2020, 6, 29), None),
    )
    return ClosureListData(
        title="2020年上半年督查事项销号清单",
        office=OFFICE,
        first=date(2020, 1, 22),
        last=date(2020, 6, 30),
        rows=tuple(
            Closed(
                serial, duties[serial].text, duties[serial].lead_units, result, how, ("方知白", "许望舒"), on, before
            )
            for serial, result, how, on, before in rows
        ),
    )


def visit_table() -> VisitTableData:
    duties = _duties_by_serial()
    claims = {
        "48": (
            "通报点名",
            (
                Claim("8条区间路全部通车", "逐条到场，看标线和路灯是否到位"),
                Claim("征迁12户全部签约", "查看补偿协议和拨付凭证"),
            ),
        ),
        "24": ("曾亮红灯", (Claim("一标段路基完成3.2公里", "沿线察看，核对监理月报"),)),
        "92": (
            "随机抽取",
            (Claim("新增学位1620个", "查看竣工验收备案和秋季招生名册"), Claim("3所学校投入使用", "到校察看")),
        ),
    }
    return VisitTableData(
        title="2020年度督查事项察访核验表",
        office=OFFICE,
        method="实地察看（事先不通知）、查阅资料、随机访谈群众",
        matters=tuple(
            Visited(serial, duties[serial].text, duties[serial].lead_units, why, some)
            for serial, (why, some) in claims.items()
        ),
    )


def evaluation_table() -> EvaluationTableData:
    units = (
        UnitLine("工信局", 34, 27, 41, (1, 0, 0, 1, 0, 0, 0, 0, 0), "2", "97.00", "93.50", "96.30"),
        UnitLine("文体旅游局", 13, 12, 28, (0, 1, 0, 0, 0, 0, 0, 0, 2), "1.56", "100.96", "95.00", "99.77"),
        UnitLine("交通运输局", 15, 11, 24, (1, 0, 1, 0, 1, 2, 1, 1, 0), "1.33", "88.74", "82.00", "87.39", "取消评先"),
        UnitLine("望江街道", 9, 9, 12, (0, 0, 0, 0, 0, 0, 0, 0, 0), "0.8", "100.00", "", "100.00", "无领导评价"),
        UnitLine("海关临江办事处", 2, 1, 2, (1, 0, 0, 0, 0, 0, 0, 0, 0), note="不计分"),
    )
    road = "第24项 启动环江旅游公路建设。"
    late = "应于2020年6月20日前报送，2020年6月23日报来"
    facts = (
        FactLine("工信局", "未完成", "第12项 盘活闲置厂房12万平方米。", "牵头", date(2020, 11, 30), _UNDONE, "−5"),
        FactLine("工信局", "报告被退回", "第9项 新增规模以上企业20家。", "牵头", date(2020, 6, 24), _RETURNED, "−1"),
        FactLine("文体旅游局", "迟报", "第70项 办好江洲文化节。", "牵头", date(2020, 6, 23), late, "−0.5"),
        FactLine(
            "文体旅游局",
            "通报表扬",
            "第71项 建成文化馆新馆。",
            "牵头",
            date(2020, 7, 10),
            "《政务督查》2020年第1期表扬",
            "1",
        ),
        FactLine("交通运输局", "未完成", road, "牵头", date(2020, 12, 20), _UNDONE, "−5"),
        FactLine("交通运输局", "通报批评", road, "牵头", date(2020, 7, 10), "《政务督查》2020年第1期批评", "−1"),
        FactLine("交通运输局", "约谈", road, "牵头", date(2020, 9, 18), "一级约谈", "−2"),
        FactLine("交通运输局", "核查不实", road, "牵头", date(2020, 12, 28), "核验发现不实：一标段只完成2.1公里", "−3"),
        FactLine("海关临江办事处", "未完成", "第31项 建成保税仓。", "协办", date(2020, 12, 20), _UNDONE, "不计分"),
    )
    lists = (
        ("完成较好", "到期的牵头事项都已按期完成，没有迟报漏报", ("望江街道",)),
        ("总体正常", "牵头事项没有到期未完成的", ("文体旅游局",)),
        ("工作滞后", "有牵头事项到期未完成", ("工信局", "交通运输局")),
        ("查出不实", "察访核验查出不实，取消评先资格", ("交通运输局",)),
    )
    return EvaluationTableData(
        title="2020年度临江区政府督查事项考评数据表",
        office=OFFICE,
        until=date(2021, 1, 4),
        units=units,
        facts=facts,
        lists=lists,
        method=(
            "折算系数=应办事宜数÷中位数（18），保留两位小数，在0.8—2之间。核查不实不折算。",
            "事实得分=100+扣分合计+加分合计（加分最多5），最低0。总分=事实得分×80%+领导评价平均分×20%；"
            "没有领导评价的，以事实得分为总分。",
        ),
        is_scored=True,
    )


_UNDONE = "应于时限前办结，未完成，没有经批准的调整"
_RETURNED = "6月20日的报告被退回重写"


def unit_list() -> UnitListData:
    duties = duty_table().duties
    led = [one for one in duties if "文体旅游局" in one.lead_units][:9]
    helped = [one for one in duties if "文体旅游局" in one.support_units][:4]
    nodes = (("6月20日　完成50%", "12月20日　完成100%"), ("9月30日　主体完工",), ("按季报送",))
    standing = ("绿灯，现报55%", "黄灯，现报38%", "绿灯", "已销号（6月28日）")
    return UnitListData(
        unit="文体旅游局",
        title="文体旅游局2020年度督查事项责任清单",
        as_of=date(2020, 6, 30),
        contacts="分管领导：雪岚　联络员：秀川",
        rows=tuple(
            UnitDuty(
                one.serial,
                one.text,
                part,
                tuple(name for name in (*one.lead_units, *one.support_units) if name != "文体旅游局"),
                one.persons[:1],
                nodes[n % 3],
                standing[n % 4],
            )
            for part, some in (("牵头", led), ("协办", helped))
            for n, one in enumerate(some)
        ),
    )


MATTER_FILE = MatterFileData(
    title="第24项“启动环江旅游公路建设”办理档案",
    office=OFFICE,
    made_on=date(2020, 12, 31),
    facts=(
        ("任务原文", "启动环江旅游公路建设。"),
        (
            "依据",
            "《临江区人民政府办公室关于印发2020年区政府工作报告目标任务责任分解表的通知》（临江政办〔2020〕2号）附件第24项",
        ),
        ("牵头单位", "交通运输局（汇总）、文旅发展公司"),
        ("协办单位", "文体旅游局、松岭镇"),
        ("责任人", "李长河、华长青"),
        ("分管领导", "齐同舟"),
        ("办结时限", "2020年12月31日（3月批准延期31天）"),
        ("现状", "已销号（2020年12月28日）"),
    ),
    happenings=(
        Happening(date(2020, 12, 28), "准予销号；核验方式：现场核验", "许望舒"),
        Happening(date(2020, 1, 22), "立项、交办；依据区政府批准的责任分解通知", "方知白"),
        Happening(date(2020, 2, 3), "交通运输局签收，责任领导李长河", "交通运输局"),
        Happening(date(2020, 6, 12), "发出催办函（临江政督催〔2020〕2号）：报送逾期未报", "温可久"),
        Happening(date(2020, 7, 1), "转红灯：应完成50%，现报12%", "系统"),
        Happening(date(2020, 7, 2), "发出督办函（临江政督督〔2020〕1号）", "梁伯庸"),
        Happening(date(2020, 7, 10), "报送整改措施：7月底前落实首期资本金，8月上旬开工一标段", "交通运输局"),
        Happening(date(2020, 9, 30), "转绿灯：现报72%", "系统"),
        Happening(date(2020, 12, 18), "申请销号，附竣工交接记录等3件佐证材料", "交通运输局"),
    ),
    exhibits=(
        Exhibit("一标段开工令.pdf", "文件", "交通运输局", date(2020, 8, 8), "3f9a0c51d2" + "0" * 54),
        Exhibit("路基施工现场照片.jpg", "文件", "文旅发展公司", date(2020, 9, 28), "b71e44a902" + "0" * 54),
        Exhibit("用地预审批复", "纸质材料", "自然资源局", date(2020, 7, 20)),
        Exhibit("监理月报（9月）.pdf", "文件", "交通运输局", date(2020, 10, 9), "90ab17c3ee" + "0" * 54, "传错文件"),
    ),
)

LEADER_BRIEF = LeaderBriefData(
    leader="郑文渊副区长",
    title="郑文渊副区长联系督查事项专报",
    office=OFFICE,
    made_on=date(2020, 7, 1),
    summary="截至6月30日，您分管联系的督查事项31项，已销号5项，绿灯19项，黄灯5项，红灯2项；需要您协调或决定的3项。",
    lists=(
        BriefList(
            "需要您协调或决定的事项",
            (
                "第48项：城管局提请协调望江街道7月底前完成4户征迁，困难已提出12个工作日未解决",
                "第24项：交通运输局申请延期31天，事由为林地报批，待裁定",
                "第17项：发改局、市场监管局对牵头责任意见不一，请明确",
            ),
        ),
        BriefList(
            "红灯事项",
            (
                "第48项：应完成50%，现报37.5%，征迁节点逾期11个工作日",
                "第24项：应完成50%，现报12%，督办函7月16日前答复",
            ),
        ),
        BriefList(
            "黄灯事项",
            tuple(
                f"第{serial}项：{words}"
                for serial, words in (
                    ("14", "6月20日的报告逾期2个工作日未报"),
                    ("25", "应完成50%，现报36%，差在并联审批系统联调"),
                    ("52", "“公厕选址公示”7月5日到期，尚未开始"),
                    ("57", "销号申请退回2次"),
                    ("61", "单位预判有困难但可完成"),
                )
            ),
        ),
    ),
)

REPORT_PASSAGE = ReportPassageData(
    title="2020年区政府工作报告目标任务落实情况（初稿）",
    office=OFFICE,
    as_of=date(2020, 12, 31),
    passages=(
        Passage(
            "一、总体落实情况",
            (
                (
                    "2020年，区人大会议通过的《政府工作报告》确定的目标任务，列入督查",
                    Count(tuple(str(n) for n in range(14, 142))),
                    "，已完成",
                    Count(tuple(str(n) for n in range(14, 132))),
                    "。",
                ),
            ),
        ),
        Passage(
            "二、民生保障",
            (
                (
                    "新增城镇就业",
                    Sum((("102", Decimal(8000)), ("104", Decimal(8100))), "人"),
                    "，新改扩建学校",
                    Sum((("92", Decimal(17)),), "所"),
                    "，新增学位",
                    Sum((("92", Decimal(1620)),), "个"),
                    "，群众满意度达96%。",
                ),
                (
                    "改造老旧小区",
                    Sum((("106", Decimal(640000)),), "平方米"),
                    "，新增停车泊位",
                    Sum((("22", Decimal(640)),), "个"),
                    "。",
                ),
            ),
        ),
    ),
)


REVIEW_DECISION = ReviewDecisionData(
    issuer=ISSUER,
    number="临江政督复〔2020〕1号",
    title="复核决定书",
    recipient="区交通运输局",
    opening="你单位2020年7月20日就《政务督查》2020年第1期对第24项“推进环湖南路建设”的通报申请复核（2020年7月8日告知），经复核，现决定如下。",
    grounds=(
        "通报所列原因为“征迁滞后”。该路段征迁由望江街道承担，我局6月18日已具备全部进场条件。",
        "6月30日定格后，林地批复已于7月2日取得，路基施工随即全面展开。",
    ),
    asked_for=("撤回对第24项的通报。",),
    findings=(
        "经查阅交地确认书和监理月报，6月18日前该路段仅交地62%，施工单位确实不能全线进场。",
        "征迁不在申请单位职责范围内，通报所列原因与事实不符。",
    ),
    decision=("支持申请。", "撤回这一条通报，不再计入点名和考评；已印发的文本存档不变。"),
    recusal=(
        "按照《政府督查工作条例》第十七条，参与原结论的人员回避：周明（拟办通报、印发通报）；何立（批准通报）。"
        "本次复核由沈川决定"
    ),
    signed_on=date(2020, 8, 3),
    contact=CONTACT,
    names=("区交通运输局",),
)


def every_kind() -> dict[str, Paper]:
    """Return the example papers by the name of their picture in the gallery."""
    return {
        "letter-remind": kinds.letter.paper_of(REMIND),
        "letter-urge": kinds.letter.paper_of(URGE),
        "letter-supervise": kinds.letter.paper_of(SUPERVISE),
        "letter-invite": kinds.letter.paper_of(INVITE),
        "assignment-notice": kinds.assignment_notice.paper_of(assignment_notice()),
        "interview-notice": kinds.interview_notice.paper_of(INTERVIEW_NOTICE),
        "interview-minutes": kinds.interview_minutes.paper_of(INTERVIEW_MINUTES),
        "review-decision": kinds.review_decision.paper_of(REVIEW_DECISION),
        "bulletin": kinds.bulletin.paper_of(bulletin()),
        "bulletin-special": kinds.bulletin.paper_of(special_issue()),
        "duty-table": kinds.duty_table.paper_of(duty_table()),
        "half-year-table": kinds.half_year_table.paper_of(half_year_table()),
        "closure-list": kinds.closure_list.paper_of(closure_list()),
        "evaluation-table": kinds.evaluation_table.paper_of(evaluation_table()),
        "visit-table": kinds.visit_table.paper_of(visit_table()),
        "matter-file": kinds.matter_file.paper_of(MATTER_FILE),
        "unit-list": kinds.unit_list.paper_of(unit_list()),
        "leader-brief": kinds.leader_brief.paper_of(LEADER_BRIEF),
        "report-passage": kinds.report_passage.paper_of(REPORT_PASSAGE),
    }
