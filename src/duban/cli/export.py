"""`duban export --table`: a plan's table of duties as the ledger's page gives it."""

from duban.cli.calls import open_data, parser, take_plan, write_file

USAGE = (
    "duban export --table --plan 年度 [--format pdf|docx|xlsx|csv|json] [--jurisdiction 名称] [-o 文件] [--data 目录]"
)


def main(argv: list[str]) -> int:
    """Write one table. Returns 2 with words on stderr where there is no such plan, or nothing in it."""
    wanted = parser("export", usage=USAGE, description="导出一本台账的责任分解表。")
    what = wanted.add_mutually_exclusive_group(required=True)
    what.add_argument("--table", action="store_true", help="责任分解表")
    take_plan(wanted, is_required=True)
    wanted.add_argument("--format", default="pdf", choices=("pdf", "docx", "xlsx", "csv", "json"), help="格式")
    wanted.add_argument("-o", "--out", default="", metavar="文件", help="写到哪里；- 为标准输出；默认按标题取名")
    options = wanted.parse_args(argv)
    open_data()
    from duban.cli.papers_out import table_out  # reads models, so only after setup

    content, name = table_out(options.plan, jurisdiction=options.jurisdiction, form=options.format)
    return write_file(content, out=options.out, name=name)
