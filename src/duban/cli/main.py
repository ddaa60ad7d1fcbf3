"""`duban COMMAND`: finds the command and says refusals in the user's words.

`read` runs without Django; every other command sets it up first, with the data folder of --data or DUBAN_DATA.
"""

import os
import sys
from importlib import import_module

COMMANDS: dict[str, tuple[str, str]] = {
    # command: (module, what it does)
    "read": ("duban.cli.read", "读一份通知，显示摘要或 JSON（不需要数据库）"),
    "up": ("duban.cli.up", "一条命令启动：建库、建数据目录、开服务"),
    "worker": ("duban.worker.main", "后台进程：按日程运行任务、发送消息"),
    "tick": ("duban.worker.tick", "把到期的任务运行一遍就结束"),
    "import": ("duban.cli.import_notice", "把一份通知导入待核对"),
    "letter": ("duban.cli.letter", "把一份函件写成 PDF 或 .docx"),
    "bulletin": ("duban.cli.bulletin", "把一期《政务督查》写成 PDF 或 .docx"),
    "objection": ("duban.cli.objection", "列出复核申请，作出复核决定（回避规则与网页相同）"),
    "export": ("duban.cli.export", "导出责任分解表"),
    "policy": ("duban.cli.policy", "把督查规则写成 TOML 文件"),
    "replay": ("duban.cli.replay", "换一套规则把一年推演一遍，只读数据"),
    "archive": ("duban.cli.archive", "把一个年度写成档案（ZIP），或者核对一份档案"),
    "demo-year": ("duban.cli.demo_year.main", "演示年：把虚构的临江区播放一年，每页都有内容可看"),
    "manage": ("duban.cli.manage", "数据库维护命令"),
}


def usage() -> str:
    """Return the help text."""
    width = max(len(name) for name in COMMANDS)
    lines = [f"  duban {name.ljust(width)}  {text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join(["督办：县（市、区）政府督查室的年度督查台账", "", *lines, "", "各命令加 --help 查看用法。"])


def take_data_folder(argv: list[str]) -> list[str]:
    """Take `--data DIR` out of the arguments into DUBAN_DATA, and return the rest."""
    rest: list[str] = []
    arguments = iter(argv)
    for argument in arguments:
        if argument == "--data":
            os.environ["DUBAN_DATA"] = next(arguments, "")
        elif argument.startswith("--data="):
            os.environ["DUBAN_DATA"] = argument.removeprefix("--data=")
        else:
            rest.append(argument)
    return rest


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 something failed, 2 the input or the call was wrong."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage())
        return 0 if arguments else 2
    name, rest = arguments[0], arguments[1:]
    if name not in COMMANDS:
        print(f"没有“{name}”这个命令。\n\n{usage()}", file=sys.stderr)
        return 2
    module = COMMANDS[name][0]
    if name == "read":
        return int(import_module(module).main(rest))
    from duban.core.errors import DomainError

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duban.settings")
    rest = take_data_folder(rest)
    try:
        return int(import_module(module).main(rest))
    except DomainError as error:
        print(error.message, file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
