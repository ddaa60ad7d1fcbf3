"""`duban letter NUMBER`: a letter as PDF or .docx, as a page gives it: frozen once issued, before that a draft."""

from duban.cli.calls import open_data, parser, write_file

USAGE = "duban letter 文号或编号 (--pdf | --docx) [-o 文件] [--data 目录]"


def main(argv: list[str]) -> int:
    """Write one letter. Returns 2 with words on stderr where there is none, or more than one of that number."""
    wanted = parser(
        "letter", usage=USAGE, description="把一份函件写成 PDF 或 .docx：已发出的是存档的原件，其余是草稿。"
    )
    wanted.add_argument("letter", metavar="文号或编号", help="文号（临江政督提〔2020〕1号），或函件页地址里的编号")
    form = wanted.add_mutually_exclusive_group(required=True)
    form.add_argument("--pdf", dest="form", action="store_const", const="pdf", help="打印用")
    form.add_argument("--docx", dest="form", action="store_const", const="docx", help="供 WPS、Word 继续编辑")
    wanted.add_argument("-o", "--out", default="", metavar="文件", help="写到哪里；- 为标准输出；默认按文号和单位取名")
    options = wanted.parse_args(argv)
    open_data()
    from duban.cli.papers_out import letter_out  # reads models, so only after setup

    content, name = letter_out(options.letter, form=options.form)
    return write_file(content, out=options.out, name=name)
