"""`duban replay`: a year judged again under another policy, beside what held. The data are opened read-only."""

import argparse
import json
from datetime import date
from pathlib import Path

from duban.cli.calls import open_data, parser, take_plan, write_file
from duban.core.errors import Invalid, NotFound

USAGE = (
    "duban replay --policy 规则.toml [--plan 年度] [--from 日期] [--until 日期] [--unanswered] [--json] [-o 文件]"
    " [--jurisdiction 名称] [--data 目录]"
)
_MOST_BYTES = 1_000_000


def main(argv: list[str]) -> int:
    """Print one replay, or write it. Raises NotFound, Invalid in the policy's own words."""
    wanted = parser(
        "replay",
        usage=USAGE,
        description="换一套督查规则，把一年（或已经过去的部分）重新判定一遍，与现行规则并列；只读数据，什么也不改。",
    )
    wanted.add_argument("--policy", required=True, metavar="规则.toml", help="另一套规则；没有写到的数字沿用现行规则")
    take_plan(wanted, is_required=False)
    wanted.add_argument("--from", dest="since", type=_day, metavar="日期", help="从哪一天起换规则；默认从头")
    wanted.add_argument("--until", type=_day, metavar="日期", help="推演到哪一天；默认到今天")
    wanted.add_argument("--unanswered", action="store_true", help="推演中才有的函当作都没有答复；默认都按期答复")
    wanted.add_argument("--json", action="store_true", help="写成 JSON，逐项列出每处差异")
    wanted.add_argument("-o", "--out", default="-", metavar="文件", help="写到哪里；默认显示在终端")
    options = wanted.parse_args(argv)
    text = _read(Path(options.policy))
    open_data(is_read_only=True)
    from duban.cli.replaying import replay_text, replayed_by_file  # reads models, so only after setup
    from duban.replay.told import replay_json

    replay, changes = replayed_by_file(
        text,
        year=options.plan,
        jurisdiction=options.jurisdiction,
        since=options.since,
        until=options.until,
        is_unanswered=options.unanswered,
    )
    if options.json:
        told = json.dumps(replay_json(replay, changes), ensure_ascii=False, indent=1) + "\n"
    else:
        told = replay_text(replay, changes)
    return write_file(told.encode(), out=options.out, name="推演.json" if options.json else "推演.txt")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"“{text}”不是日期，请写成 2020-06-30") from error


def _read(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NotFound(f"读不了规则文件“{path}”：{error.strerror}。") from error
    if len(content) > _MOST_BYTES:
        raise Invalid(f"“{path}”太大，不是规则文件。")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"“{path}”不是 UTF-8 文本，请用 duban policy --export 取得规则文件再改。") from error
