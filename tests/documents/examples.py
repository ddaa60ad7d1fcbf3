"""A full example of every kind of document, from the invented county 临江区; nobody in them is a real person.

Used by the tests and by tools/gallery.py.
"""

from datetime import date
from pathlib import Path

import duban
from duban.documents.kinds.assignment_notice import AssignmentNoticeData
from duban.documents.kinds.duty_table import Duty, DutyTableData
from duban.documents.kinds.letter import LetterData, LetterMatter
from duban.documents.kinds.parts import Contact, Section
from duban.documents.wording import Addressee, Rank
from duban.reading import Name, Reading, read_notice

ISSUER = "临江区人民政府办公室"
OFFICE = "临江区人民政府督查室"
CONTACT = Contact("方知白", "0000-00000000")
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


REMIND = LetterData(
    issuer=ISSUER,
    number="临江政督提〔2020〕1号",
    title="关于督查事项办理情况的提醒函",
    recipient="松岭镇人民政府",
    opening="你单位承办的下列督查事项进度偏慢或者期限临近：",
    matters=(
        LetterMatter(
            "20",
            "打造7个文体旅游融合试点村。",
            "6月1日起为黄灯。落后序时进度：应完成41.7%，现报28.6%；“完成4个试点村规划设计”应于2020年6月10日完成，期限临近。",
        ),
        LetterMatter(
            "24",
            "启动环江旅游公路建设。",
            "6月3日起为黄灯。单位预判“有困难但可完成”。",
        ),
    ),
    demand="请抓紧推进，于收到本函后5个工作日内改正；一时难以改正的，请书面说明一句。",
    ending="特此提醒。",
    signed_on=date(2020, 6, 4),
    contact=CONTACT,
)

URGE = LetterData(
    issuer=ISSUER,
    number="临江政督催〔2020〕3号",
    title="关于督查事项办理情况的催办函",
    recipient="城管局",
    opening="你单位承办的下列督查事项未按要求办理：",
    matters=tuple(
        LetterMatter(serial, words, reason)
        for serial, words, reason in (
            (
                "14",
                "创建文创培训、美食、服装、夜市等特色街区。",
                "应于2020年6月20日前报送完成情况，至今未报，已逾期2个工作日。",
            ),
            ("48", "打通区间路、断头路8条。", "“完成征迁”应于2020年6月15日前完成，已逾期6个工作日。"),
            ("52", "新建公厕12座，改造旱厕30座。", "6月4日发出提醒函（临江政督提〔2020〕2号），5个工作日后仍为黄灯。"),
            ("54", "新增城区停车泊位600个。", "应于2020年6月20日前报送完成情况，至今未报，已逾期2个工作日。"),
            ("57", "推进垃圾分类，建成示范小区10个。", "销号申请已被退回2次，尚未重新申请。"),
            ("58", "实施江滨绿道景观提升工程。", "“完成河道段施工”应于2020年6月10日前完成，已逾期9个工作日。"),
            ("61", "拆除违法建设3.5万平方米。", "6月4日发出提醒函（临江政督提〔2020〕2号），5个工作日后仍为黄灯。"),
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
    recipient="国网临江供电公司",
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
            Addressee("各镇人民政府", Rank.TOWN),
            Addressee("望江街道办事处", Rank.TOWN),
            Addressee("区政府各部门", Rank.DEPARTMENT),
            Addressee("各直属机构", Rank.INSTITUTION),
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
            Addressee("区委办公室", Rank.PARTY),
            Addressee("区人大常委会办公室", Rank.CONGRESS),
            Addressee("区政协办公室", Rank.CONFERENCE),
            Addressee("区人武部", Rank.MILITARY),
        ),
        contact=Contact("许望舒", "0000-00000000", "0000-00000001", "duban@example.org"),
        printed_on=date(2020, 1, 22),
        copies=120,
    )
