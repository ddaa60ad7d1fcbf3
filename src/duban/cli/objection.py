"""`duban objection`: what is to be reviewed, and a decision by the same action as the page's."""

import argparse

from duban.cli.calls import Parser, open_data, parser
from duban.core.errors import Invalid, NotAllowed, NotFound

USAGE = (
    "duban objection list [--all] [--data 目录]\n"
    "      duban objection decide 编号 (--uphold | --partly | --reject) --reason 理由 --as 账号\n"
    "                      [--light green|yellow] [--correction 更正] [--result true|mostly]\n"
    "                      [--leave-out 键 …] [--recount]"
)


def main(argv: list[str]) -> int:
    """List objections, or decide one as somebody. Raises NotFound, NotAllowed (took part), Invalid, WrongState."""
    wanted = parser("objection", usage=USAGE, description="列出复核申请；以某个账号的身份作出复核决定。")
    steps = wanted.add_subparsers(dest="step", required=True, parser_class=Parser, metavar="list|decide")
    listing = steps.add_parser("list", usage=USAGE, add_help=False)
    listing.add_argument("--all", action="store_true", help="连同已办结的；默认只列待决定的")
    deciding = steps.add_parser("decide", usage=USAGE, add_help=False)
    _take_ruling(deciding)
    options = wanted.parse_args(argv)
    open_data()
    return _list(is_whole=options.all) if options.step == "list" else _decide(options)


def _take_ruling(deciding: argparse.ArgumentParser) -> None:
    deciding.add_argument("number", type=int, metavar="编号")
    how = deciding.add_mutually_exclusive_group(required=True)
    how.add_argument("--uphold", dest="outcome", action="store_const", const="upheld", help="支持申请")
    how.add_argument("--partly", dest="outcome", action="store_const", const="partly", help="部分支持")
    how.add_argument("--reject", dest="outcome", action="store_const", const="rejected", help="维持原结论")
    deciding.add_argument("--reason", required=True, metavar="理由", help="决定的理由")
    deciding.add_argument("--as", dest="username", required=True, metavar="账号", help="以谁的身份决定")
    deciding.add_argument("--light", choices=["green", "yellow"], help="灯色：改为")
    deciding.add_argument("--correction", default="", metavar="更正", help="通报条目部分支持：更正的内容")
    deciding.add_argument("--result", choices=["true", "mostly"], help="核验结果：改为")
    deciding.add_argument("--leave-out", nargs="+", default=[], metavar="键", help="考评：哪些事实不再计入")
    deciding.add_argument("--recount", action="store_true", help="考评：按现在的记录重新读取事实")


def _list(*, is_whole: bool) -> int:
    from duban.core.actor import SYSTEM
    from duban.objections.queries import objections_for
    from duban.objections.rules import AT_OFFICE, OBJECTION_STATE_LABELS, OUTCOME_LABELS, ObjectionState, Outcome

    found = objections_for(SYSTEM)
    if not is_whole:
        found = found.filter(state__in=AT_OFFICE)
    for one in found:
        state = OBJECTION_STATE_LABELS[ObjectionState(one.state)]
        outcome = f"，{OUTCOME_LABELS[Outcome(one.outcome)]}（{one.number_text}）" if one.outcome else ""
        until = f"，{one.decide_by}前决定" if one.decide_by and one.state in AT_OFFICE else ""
        print(f"{one.pk}\t{one.unit}\t{one.about}\t{state}{outcome}{until}")
    if not found:
        print("没有待决定的复核申请。" if not is_whole else "没有复核申请。")
    return 0


def _decide(options: argparse.Namespace) -> int:
    from duban.access.models import Account
    from duban.core import clock
    from duban.matters.rules import Light
    from duban.objections.actions import Ruling, decide_objection
    from duban.objections.queries import objection_for
    from duban.objections.rules import OUTCOME_LABELS, Outcome
    from duban.orgs.queries import actor_of
    from duban.visits.rules import Result

    account = Account.objects.filter(username=options.username).first()
    if account is None:
        raise NotFound(f"没有“{options.username}”这个账号。")
    if not account.is_active:
        raise NotAllowed(f"账号“{options.username}”已停用。")
    if options.number < 1:
        raise Invalid("编号是 duban objection list 列出的第一栏。")
    actor = actor_of(account, on=clock.today())
    ruling = Ruling(
        outcome=Outcome(options.outcome),
        reasons=options.reason,
        light=Light(options.light) if options.light else None,
        correction=options.correction,
        result=Result(options.result) if options.result else None,
        left_out=frozenset(options.leave_out),
        recounts=options.recount,
    )
    made = decide_objection(objection_for(actor, options.number), ruling=ruling, by=actor, now=clock.now())
    print(f"{made.number_text}：{OUTCOME_LABELS[Outcome(made.outcome)]}。{made.remedy}")
    return 0
