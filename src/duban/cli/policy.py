"""`duban policy`: the rules as a file to be read, kept or changed: those in force, an earlier version, or a preset."""

import django

from duban.cli.calls import open_data, parser, take_plan, write_file

USAGE = (
    "duban policy --export [--plan 年度] [--version 版号 | --preset 名称] [--jurisdiction 名称] [-o 文件] [--data 目录]"
)


def main(argv: list[str]) -> int:
    """Write one rules file. Raises NotFound where there is no such plan, version or preset."""
    wanted = parser(
        "policy",
        usage=USAGE,
        description="把督查规则写成 TOML 文件，每个数字带说明和出处；改几个数字后可用 duban replay 推演。",
    )
    wanted.add_argument("--export", action="store_true", required=True, help="写成文件")
    take_plan(wanted, is_required=False)
    which = wanted.add_mutually_exclusive_group()
    which.add_argument("--version", type=int, default=0, metavar="版号", help="第几版；默认现行的一版")
    which.add_argument("--preset", default="", metavar="名称", help="预置规则：default、deadlines 或 pace")
    wanted.add_argument("-o", "--out", default="", metavar="文件", help="写到哪里；- 为标准输出；默认按版本取名")
    options = wanted.parse_args(argv)
    if options.preset:
        django.setup()
    else:
        open_data()
    from duban.cli.replaying import policy_file  # reads models, so only after setup

    text, name = policy_file(
        year=options.plan, jurisdiction=options.jurisdiction, number=options.version, preset=options.preset
    )
    return write_file(text.encode(), out=options.out, name=name)
