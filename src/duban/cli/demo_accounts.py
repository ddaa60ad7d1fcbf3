"""Who can sign in to the demonstration."""

PASSWORD = "demo-2020"  # noqa: S105  public, and served on this machine only

ACCOUNTS: tuple[tuple[str, str], ...] = (
    ("ducha", "督查员"),
    ("zhuren", "督查室主任"),
    ("lianluo", "教育局联络员"),
    ("fenguan", "教育局分管领导"),
    ("juzhang", "教育局局长"),
    ("banzhuren", "政府办主任"),
    ("quling", "区领导（黄少伟分工）"),
    ("quzhang", "区长"),
    ("mishu", "秘书（为黄少伟服务）"),
    ("xitong", "系统管理员"),
    ("anquan", "安全管理员"),
    ("shenji", "审计管理员"),
)


YEAR_ACCOUNTS: tuple[tuple[str, str], ...] = (
    *((username, label) for username, label in ACCOUNTS if username not in ("quling", "mishu")),
    ("fubanzhuren", "政府办副主任"),
    ("quling", "区领导（沈一帆分工）"),
    ("mishu", "秘书（为沈一帆服务）"),
)
"""Who of the invented county's two hundred can sign in to the demonstration year, one for each role."""


def demo_accounts_text(*, is_empty: bool = False, is_year: bool = False) -> str:
    """Return what the terminal prints about the demo accounts."""
    if is_empty:
        return (
            f"虚构的临江区，台账是空的。以 ducha（密码 {PASSWORD}）登录，"
            "在“通知”里导入 examples/linjiang-2020-1.txt，从核对走到立项；"
            "另有 zhuren、banzhuren、xitong、anquan、shenji。"
        )
    lines = [f"  {username.ljust(11)} {label}" for username, label in (YEAR_ACCOUNTS if is_year else ACCOUNTS)]
    about = "虚构的临江区，" if is_year else ""
    return "\n".join(
        [f"{about}演示账号（密码均为 {PASSWORD}）：", *lines, "先以 ducha 登录看台账，再以 lianluo 看教育局的事项。"]
    )
