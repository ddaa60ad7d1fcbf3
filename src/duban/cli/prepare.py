"""What `duban up` does before it serves: tables, assets, and the first people. Imported once Django is set up."""

import getpass
import sys

from django.core.management import call_command
from django.db import connections, transaction

from duban.access.actions import create_account, grant_role
from duban.access.models import Account
from duban.access.rules import ROLE_LABELS, Role
from duban.cli.demo import load_demo, load_empty_demo
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.core.errors import DomainError
from duban.lights.actions import judge_never_judged
from duban.orgs.actions import create_jurisdiction
from duban.orgs.rules import Level


def prepare(*, is_demo: bool, is_empty: bool = False) -> bool:
    """Bring tables and assets up to date and see that somebody can sign in; False when nobody could be asked."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    judge_never_judged(by=SYSTEM, now=clock.now())  # a data folder from before there were lights
    if is_demo:
        (load_empty_demo if is_empty else load_demo)()
    elif not Account.objects.exists() and not ask_first_administrators():
        return False
    connections.close_all()
    return True


def ask_first_administrators() -> bool:
    """Ask at the terminal for the jurisdiction and the three administrators; nothing has a default password."""
    if not sys.stdin.isatty():
        print("这是第一次启动，需要在终端里设定三员账号：请在终端运行 duban up，或用 --demo 看演示。", file=sys.stderr)
        return False
    print("第一次启动：先设定辖区和系统管理员、安全管理员、审计管理员（三人，不得兼任）。\n")
    with transaction.atomic():
        while True:
            try:
                name = input("辖区全称（如 临江市临江区）：").strip()
                short = input("辖区简称（如 临江区）：").strip()
                create_jurisdiction(name, short_name=short or name, level=Level.COUNTY, by=SYSTEM, now=clock.now())
                break
            except DomainError as error:
                print(f"  {error.message}")
        for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
            while True:
                print(f"\n{ROLE_LABELS[role]}")
                username = input("  用户名：").strip()
                person = input("  姓名：").strip()
                password = getpass.getpass("  密码：")
                if password != getpass.getpass("  再输一遍："):
                    print("  两次输入不一致，请重来。")
                    continue
                try:
                    account = create_account(
                        username, name=person, password=password, by=SYSTEM, now=clock.now(), must_change_password=False
                    )
                    grant_role(
                        account, role=role, jurisdiction_id=None, from_on=clock.today(), by=SYSTEM, now=clock.now()
                    )
                    break
                except DomainError as error:
                    print(f"  {error.message}")
    print("\n已设定。业务账号由系统管理员在网页“账号”里建立，由安全管理员在“授权”里授予角色。")
    return True
