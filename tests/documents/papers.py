"""Papers of the invented 临江区, one of each form, for the tests of what draws them as .docx."""

from datetime import date

from duban.documents.paper import (
    Align,
    Annex,
    Block,
    Colophon,
    Column,
    Figure,
    Form,
    Head,
    Heading,
    Paper,
    Paragraph,
    Row,
    Run,
    Signature,
    Table,
    text,
)

OFFICE = "临江区人民政府办公室"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="120"><rect width="200" height="30"/></svg>'
FULL = "督" * 28 * 44
COLUMNS = (
    Column("序号", 1, Align.CENTRE),
    Column("目标任务", 6),
    Column("责任领导", 2, Align.CENTRE),
    Column("牵头单位", 2, Align.CENTRE),
    Column("完成时限", 2, Align.CENTRE),
)


def words_of(block: Block) -> str:
    """Return what a paragraph or a heading says, nothing for a table or a figure."""
    if isinstance(block, Heading):
        return block.text + block.run_in
    return "".join(run.text for run in block.runs) if isinstance(block, Paragraph) else ""


def row(number: int, leader: str, unit: str, *, task: str = "", keeps_next: bool = False) -> Row:
    return Row(
        (str(number), task or f"新建道路{number}条，完成投资{number}亿元。", leader, unit, "12月底前"),
        keeps_next=keeps_next,
    )


def table(*rows: Row, heads=((("", 2), ("责任", 2), ("", 1)),), **told) -> Table:
    return Table(COLUMNS, rows, merged=(2, 3), heads=heads, **told)


TABLE = table(
    Row(("一、重点项目",), is_band=True),
    row(1, "张三", "教育局"),
    row(2, "张三", "教育局"),
    row(3, "张三", "教育局"),
    row(4, "李四", "教育局"),
    row(5, "", ""),
    row(6, "", ""),
    caption="责任分解表",
    notes=("注：时限为2020年。",),
)
SIGNED = Signature((OFFICE,), date(2020, 6, 2))

FILE = Paper(
    Form.FILE,
    "临江区人民政府办公室关于印发2020年政府工作报告目标任务责任分解的通知",
    (
        text("现将目标任务责任分解印发给你们，请认真组织实施。"),
        Heading(1, "一、总体要求"),
        Heading(2, "（一）提高认识。", "各单位要高度重视。"),
        Heading(3, "1. 加强领导。"),
        Heading(4, "（1）落实到人。"),
        text(FULL),
        text("特此通知。"),
    ),
    head=Head(f"{OFFICE}文件", number="临江政办〔2020〕12号", urgency="加急", copy_number="000012"),
    recipients="各镇人民政府，区直各单位",
    attachments=("责任分解表", "销号清单"),
    signature=SIGNED,
    note="此件主动公开",
    annexes=(
        Annex("附件1", "责任分解表", (TABLE,), is_landscape=True),
        Annex("附件2", "销号清单", (text("逐项核验。"), Figure(SVG, 100, 40, caption="图1 进度", words="已过半"))),
    ),
    colophon=Colophon(("区委办公室", "区人大常委会办公室"), printer=OFFICE, printed_on=date(2020, 6, 2), copies=60),
)
LETTER = Paper(
    Form.LETTER,
    "关于报送上半年目标任务完成情况的提醒函",
    (text("请于6月20日前报送。"), text(FULL)),
    head=Head(OFFICE, number="临江政办函〔2020〕3号", urgency="特急"),
    recipients="教育局",
    signature=SIGNED,
    colophon=Colophon(("区委办公室",), printer=OFFICE),
    watermark="草稿",
    code="临江政办函〔2020〕3号",
)
BULLETIN = Paper(
    Form.BULLETIN,
    "上半年目标任务完成情况",
    (text("总体进展顺利。"),),
    head=Head("政务督查", issue="第3期", issue_total="总第128期", left="督查室", right="2020年7月3日"),
    colophon=Colophon(sent=(("报", "区委书记"), ("送", "区委办公室"), ("发", "各镇人民政府"))),
)
MINUTES = Paper(
    Form.MINUTES,
    "约谈教育局负责人会议纪要",
    (Paragraph((Run("会议指出，进度滞后。"),)),),
    head=Head("临江区人民政府会议纪要", issue="〔2020〕8号", left=OFFICE, right="2020年7月3日"),
)
PLAIN = Paper(Form.PLAIN, "汇总表", (TABLE,), is_landscape=True, subtitle="（督查室）")
FORMS = {"file": FILE, "letter": LETTER, "bulletin": BULLETIN, "minutes": MINUTES, "plain": PLAIN}
