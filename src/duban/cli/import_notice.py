"""`duban import FILE`: a notice comes in for review, or is confirmed as read and registered at once."""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import NoReturn

import django

USAGE = """duban import 文件 [--jurisdiction 名称] [--year 年度] [--data 目录]
       duban import 文件 --confirm [--basis 依据 --approved-by 批准人 --approved-on 日期 --document-number 文号]"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a call in the user's language; exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Refuse the call."""
        print(f"命令写得不对（{message}）。\n\n用法：{USAGE}", file=sys.stderr)
        raise SystemExit(2)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"日期应写成 2020-01-22，现在是“{text}”") from error


def main(argv: list[str]) -> int:
    """Import one notice. Returns 2 with words on stderr when it cannot be, and then nothing of it stands anywhere."""
    parser = _Parser(prog="duban import", usage=USAGE, description="把一份责任分解通知导入，等人核对。", add_help=False)
    parser.add_argument("-h", "--help", action="help", help="显示本说明")
    parser.add_argument("file", type=Path, metavar="文件", help="通知：Word、WPS、Excel、带文字的 PDF 或文本文件")
    parser.add_argument("--data", metavar="目录", help="数据目录（默认取 DUBAN_DATA，再默认 ./duban-data）")
    parser.add_argument("--jurisdiction", default="", metavar="名称", help="辖区的全称或简称；没有时新建")
    parser.add_argument("--year", type=int, metavar="年度", help="通知没有写明年度时给出")
    parser.add_argument(
        "--confirm", "--accept-all", action="store_true", help="不逐项核对：照读取结果全部确认并立项（由操作者负责）"
    )
    parser.add_argument("--basis", default="", metavar="依据", help="审批依据；默认取通知原文，如“经区政府同意”")
    parser.add_argument("--approved-by", default="", metavar="批准人", help="批准人；默认取发文机关所属政府")
    parser.add_argument("--approved-on", type=_day, metavar="日期", help="批准日期；默认取印发日期")
    parser.add_argument("--document-number", default="", metavar="文号", help="文号；默认取通知文号")
    options = parser.parse_args(argv)
    try:
        data = options.file.read_bytes()
    except OSError as error:
        print(f"打不开文件“{options.file}”：{error.strerror}。", file=sys.stderr)
        return 2

    django.setup()
    from duban.cli.import_for_review import Wanted, import_file  # reads models, so only after setup

    wanted = Wanted(
        jurisdiction=options.jurisdiction,
        year=options.year,
        is_confirmed=options.confirm,
        basis=options.basis,
        approved_by_name=options.approved_by,
        approved_on=options.approved_on,
        document_number=options.document_number,
    )
    print(import_file(data, file_name=options.file.name, wanted=wanted))
    return 0
