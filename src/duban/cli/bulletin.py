"""`duban bulletin`: an issue of 《政务督查》 as PDF or .docx, as a page gives it: frozen once issued, else a draft."""

from duban.cli.calls import open_data, parser, write_file

USAGE = "duban bulletin [--plan 年度] [--number 期号 | --draft] (--pdf | --docx) [-o 文件] [--data 目录]"


def main(argv: list[str]) -> int:
    """Write one issue. Raises NotFound where there is none, or more than one is meant."""
    wanted = parser(
        "bulletin",
        usage=USAGE,
        description="把一期《政务督查》写成 PDF 或 .docx：已印发的是存档的原件，其余是草稿；不写期号的是最近一期。",
    )
    wanted.add_argument("--plan", type=int, default=0, metavar="年度", help="哪一年度的台账；默认不限")
    which = wanted.add_mutually_exclusive_group()
    which.add_argument("--number", default="", metavar="期号", help="第几期，如 2；或连同年份，如 2020-2")
    which.add_argument("--draft", action="store_true", help="最近一份还没有印发的通报稿")
    form = wanted.add_mutually_exclusive_group(required=True)
    form.add_argument("--pdf", dest="form", action="store_const", const="pdf", help="打印用")
    form.add_argument("--docx", dest="form", action="store_const", const="docx", help="供 WPS、Word 继续编辑")
    wanted.add_argument("-o", "--out", default="", metavar="文件", help="写到哪里；- 为标准输出；默认按期号取名")
    options = wanted.parse_args(argv)
    open_data()
    from duban.cli.papers_out import bulletin_out  # reads models, so only after setup

    content, name = bulletin_out(
        plan_year=options.plan, number=options.number, is_draft=options.draft, form=options.form
    )
    return write_file(content, out=options.out, name=name)
