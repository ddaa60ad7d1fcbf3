"""What every page is given: who is signed in, today, the ways the menu offers."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from duban import __version__
from duban.access.rules import ROLE_LABELS, Permission, Role, may
from duban.core import clock
from duban.core.actor import Actor
from duban.outbox.queries import unread_count

MENU: tuple[tuple[str, str, str, Permission], ...] = (
    # url name, label, icon, permission
    ("morning", "今日工作", "sun", Permission.MORNING_VIEW),
    ("my_desk", "我的事项", "clipboard-check", Permission.DESK_VIEW),
    ("ledger", "台账", "list-details", Permission.MATTER_VIEW),
    ("coordination", "协调", "message-2", Permission.MATTER_VIEW),
    ("reports", "报送", "note", Permission.REPORT_ACCEPT),
    ("changes", "变更", "calendar-due", Permission.CHANGE_APPROVE),
    ("letters", "函件", "send", Permission.LETTER_VIEW),
    ("bulletins", "通报", "book", Permission.BULLETIN_VIEW),
    ("objections", "复核", "corner-down-left", Permission.OBJECTION_VIEW),
    ("interviews", "约谈", "users", Permission.INTERVIEW_VIEW),
    ("closing", "销号", "circle-check", Permission.CLOSURE_VERIFY),
    ("evaluation", "考评", "checks", Permission.EVALUATION_VIEW),
    ("visits", "核验", "search", Permission.VISIT_VIEW),
    ("notices", "通知", "file-text", Permission.NOTICE_VIEW),
    ("units", "单位", "building", Permission.ORG_VIEW),
    ("precedents", "往年情况", "history", Permission.PRECEDENT_VIEW),
    ("burden", "减负账", "clipboard-list", Permission.BURDEN_VIEW),
    ("people", "人员岗位", "users", Permission.ORG_EDIT),
    ("plan_settings", "台账设置", "settings", Permission.NOTICE_VIEW),
    ("accounts", "账号", "user-cog", Permission.ACCOUNT_MANAGE),
    ("operations", "运行", "player-play", Permission.OPERATIONS_VIEW),
    ("grants", "授权", "shield-check", Permission.GRANT_MANAGE),
    ("audit", "审计", "history", Permission.AUDIT_VIEW),
)

LATER = frozenset({"evaluation", "objections", "notices", "units", "burden", "people", "plan_settings", "precedents"})
"""What is not opened every day stands under 更多 for those who have much else."""
FEW = 8
"""So many entries need no 更多: they stand beside each other, on a phone what does not fit there."""
ON_A_PHONE = 4

SECTION_OF = {
    # first word of a URL name → the menu entry it stands under
    "my": "my_desk",
    "look": "my_desk",
    "report": "my_desk",
    "contributions": "my_desk",
    "matter": "ledger",
    "change": "changes",
    "letter": "letters",
    "paper": "letters",
    "papers": "letters",
    "bulletin": "bulletins",
    "visit": "visits",
    "objection": "objections",
    "interview": "interviews",
    "matters": "ledger",
    "obstacle": "coordination",
    "schedules": "ledger",
    "meeting": "coordination",
    "meetings": "coordination",
    "decision": "coordination",
    "instruction": "coordination",
    "instructions": "coordination",
    "notice": "notices",
    "desk": "notices",
    "unit": "units",
    "contact": "units",
    "contacts": "units",
    "group": "units",
    "groups": "units",
    "person": "people",
    "post": "people",
    "posts": "people",
    "appoint": "people",
    "appointment": "people",
    "plan": "plan_settings",
    "year": "plan_settings",
    "archive": "plan_settings",
    "policy": "plan_settings",
    "account": "accounts",
    "grant": "grants",
    "role": "grants",
    "audit": "audit",
    "task": "operations",
    "deliveries": "operations",
    "delivery": "operations",
    "channels": "operations",
    "channel": "operations",
    "calendar": "operations",
}


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the values of the page frame."""
    actor: Actor = getattr(request, "actor", Actor(name="未登录"))
    today = clock.today()
    name = (request.resolver_match.url_name if request.resolver_match else "") or ""
    word = name.split("_")[0]
    section = SECTION_OF.get(word, word)
    return {
        "actor": actor,
        "actor_roles": "、".join(dict.fromkeys(ROLE_LABELS[Role(one.role)] for one in actor.held)),
        "today": today,
        "weekday": "一二三四五六日"[today.weekday()],
        "is_demo": settings.DEMO,
        "version": __version__,
        "unread": SimpleLazyObject(lambda: unread_count(actor, now=clock.now())),  # a part of a page asks for nothing
        "section": section,
        **_menu(actor, here=(name, section)),
    }


def _menu(actor: Actor, *, here: tuple[str, str]) -> dict[str, Any]:
    """Return what stands in the menu (`menu`) and what opens under 更多 (`menu_more`).

    What does not fit on a narrow screen stands in both, and the style sheet shows one: room is 2 where it fits on no
    narrow screen, 1 where it does not fit on a phone, 0 where it always stands under 更多.
    """
    entries: list[dict[str, Any]] = [
        {"url": url, "label": label, "icon": icon, "here": url in here}
        for url, label, icon, permission in MENU
        if may(actor, permission)
    ]
    inline = entries if len(entries) <= FEW else [one for one in entries if one["url"] not in LATER]
    more = [{**one, "room": 2 if place >= FEW else 1} for place, one in enumerate(inline) if place >= ON_A_PHONE]
    more += [{**one, "room": 0} for one in entries if one not in inline]
    return {
        "menu": inline,
        "menu_more": more if len(entries) > ON_A_PHONE + 1 else [],
        "menu_more_for": min((one["room"] for one in more), default=1),
    }
