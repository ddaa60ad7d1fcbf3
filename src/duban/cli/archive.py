"""`duban archive`: a year as one ZIP that opens without this program; or an archive held against its manifest."""

import os
from pathlib import Path

from duban.archives.rules.packing import Checked, check_archive
from duban.archives.rules.trail import Trail, check_trail
from duban.audit.rules import key_id_of
from duban.cli.calls import open_data, parser, take_place
from duban.core.errors import NotFound

USAGE = "duban archive (--plan 年度 [--jurisdiction 名称] [-o 文件] | --check 文件) [--data 目录]"


def main(argv: list[str]) -> int:
    """Write or check one archive. Returns 1 where a checked one is not whole, 2 where there is nothing to write."""
    wanted = parser(
        "archive",
        usage=USAGE,
        description="把一个年度写成一份档案（ZIP）：公文、数据、佐证、审计记录和每个文件的摘要；或者核对一份档案。"
        "档案含批示等工作秘密，写成、取走都有记录。",
    )
    what = wanted.add_mutually_exclusive_group(required=True)
    what.add_argument("--plan", type=int, metavar="年度", help="哪一年的台账")
    what.add_argument("--check", metavar="文件", help="核对一份档案：文件有没有缺、有没有改")
    take_place(wanted)
    wanted.add_argument("-o", "--out", default="", metavar="文件", help="写到哪里（文件或目录）；默认按标题取名")
    options = wanted.parse_args(argv)
    if options.check:
        return _check(Path(options.check))
    open_data()
    from duban.cli.archive_out import write_archive  # reads models, so only after setup

    return write_archive(options.plan, jurisdiction=options.jurisdiction, out=options.out)


def _check(path: Path) -> int:
    """Say whether an archive is whole; with the key of its installation at hand, whether its trail is true too."""
    if not path.is_file():
        raise NotFound(f"没有“{path}”这个文件。")
    try:
        with path.open("rb") as content:
            found = check_archive(content)
            trail = _trail(path) if found.is_whole else None
    except ValueError as error:
        print(f"{path.name}：{error}")
        return 1
    print("\n".join(_said(path, found, trail)))
    return 0 if found.is_whole and not (trail and trail.untrue) else 1


def _said(path: Path, found: Checked, trail: Trail | None) -> list[str]:
    if not found.is_whole:
        return [f"{path.name} 不完整：", *(f"  {one}" for one in found.problems)]
    ended = "已办结" if found.is_final else "没有办结"
    lines = [f"{path.name} 完整：{found.files} 个文件与清单一致。", f"  {found.title}，{ended}，截至 {found.as_of}。"]
    lines += [f"  写成时已缺：{one}" for one in found.missing]
    if trail is None:
        lines.append("  没有写成这份档案的密钥（数据目录 keys/audit.key），审计记录的摘要没有核对。")
    elif trail.untrue:
        numbers = "、".join(str(one) for one in trail.untrue[:20])
        lines.append(f"  审计记录 {trail.checked} 条已核对，{len(trail.untrue)} 条与摘要不符：{numbers}。")
    else:
        other = f"，{trail.foreign} 条由别的密钥写成，没有核对" if trail.foreign else ""
        held = f"，{trail.withheld} 条是单位内部步骤，内容不归档" if trail.withheld else ""
        lines.append(f"  审计记录 {trail.checked} 条与摘要一致{held}{other}。")
    return lines


def _trail(path: Path) -> Trail | None:
    """Return what the trail of an archive comes to, None where the key is not at hand."""
    key_file = Path(os.environ.get("DUBAN_DATA") or "duban-data") / "keys" / "audit.key"
    if not key_file.is_file():
        return None
    key = key_file.read_bytes().strip()
    with path.open("rb") as content:
        return check_trail(content, key=key, key_id=key_id_of(key))
