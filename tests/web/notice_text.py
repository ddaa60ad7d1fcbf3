"""A small invented notice with one of each doubt, for the doors of the review."""

HEAD = [
    "临江区人民政府办公室文件",
    "临政办〔2020〕5号",
    "临江区人民政府办公室关于印发2020年重点工作责任分解表的通知",
    "各镇人民政府、区政府各部门：",
    "经区政府同意，现将2020年重点工作责任分解表印发给你们，共{declared}项，请认真抓好落实。",
    "临江区人民政府办公室",
    "2020年1月20日",
    "附件：2020年重点工作责任分解表",
    "序号\t具体目标任务\t牵头单位\t责任人\t协办单位\t区分管或联系领导",
]
ROWS = [
    "1\t新建步道12公里。\t住建局\t周新锐\t相关镇（街道）\t陈思远",
    "2\t完成校舍改造3所。\t教育局\t林一鸣\t财政局 各镇（街道）\t王致和",
    "3\t推进数据共享。\t发改局\t许文博\t南桥镇 北岭镇\t陈思远",
    "4\t深化教育督导。\t\t\t\t",
]


def notice_text(*, rows: int = 4, declared: int | None = None) -> bytes:
    """Return the notice with this many rows; rows after the fourth are plain. declared: the total the text states."""
    more = [f"{n}\t抓好第{n}件实事。\t发改局\t许文博\t财政局\t陈思远" for n in range(5, rows + 1)]
    lines = [*HEAD, *ROWS[:rows], *more]
    return "\n".join(lines).format(declared=declared or rows).encode()
