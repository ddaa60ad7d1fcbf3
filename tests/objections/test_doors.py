"""Every kind of conclusion through every door: who took part is refused by page, interface and command alike, and the
same ruling by somebody apart changes the record.
"""

import json
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from duban.access.actions import create_token
from duban.access.models import Account
from duban.cli import main as duban
from duban.core.actor import Actor
from duban.objections.models import Objection
from duban.objections.queries import score_facts
from tests.letters.builders import at
from tests.objections.builders import Office, accepted, citation, light, objection_of, score, verified
from tests.web.matter_doors import set_clock

pytestmark = pytest.mark.django_db

REASONS = "经查，申请理由成立。"
APART = "deputy"
_NOW = {"light": at("2020-08-03"), "citation": at("2020-08-03")}
_LATER = at("2021-02-01")

KINDS = {
    # what is objected to: how it comes about, who took part and by what
    "light": (light, "office_head", "改判灯色"),
    "citation": (citation, "officer", "拟办通报"),
    "verification": (verified, "officer", "填写核验结果"),
    "score": (score, "officer", "拟定考评"),
}


def ruling_for(one: Objection) -> dict[str, object]:
    """What an upheld objection of this kind needs besides its reasons, as a form and a program give it."""
    more: dict[str, dict[str, object]] = {
        "light": {"light": "green"},
        "citation": {},
        "verification": {"result": "true"},
        "score": {"left_out": [each.key for each in score_facts(one)[:1]]},
    }
    return more[one.target]


def by_page(account: Account, one: Objection) -> tuple[bool, str]:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    posted = {"outcome": "upheld", "reasons": REASONS, **ruling_for(one)}
    answer = client.post(reverse("objection_step", args=[one.pk, "decide"]), posted)
    assert answer.status_code in (302, 403)
    return answer.status_code == 302, answer.content.decode()


def by_interface(account: Account, one: Objection) -> tuple[bool, str]:
    owner = Actor(account.name, account_id=account.pk)
    today = _NOW.get(one.target, _LATER)
    _, secret = create_token(account, name="报表程序", expires_on=date(2021, 3, 1), by=owner, now=today)
    body = json.dumps({"outcome": "upheld", "reasons": REASONS, **ruling_for(one)})
    told = {"content_type": "application/json", "headers": {"Authorization": f"Bearer {secret}"}}
    answer = Client().post(reverse("api_decision", args=[one.pk]), body, **told)
    if answer.status_code == 200:
        return True, ""
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "recused")
    return False, answer.json()["error"]["message"]


def by_command(account: Account, one: Objection, capsys) -> tuple[bool, str]:
    given = ["objection", "decide", str(one.pk), "--uphold", "--reason", REASONS, "--as", account.username]
    for name, value in ruling_for(one).items():
        flag = {"light": "--light", "result": "--result", "left_out": "--leave-out"}[name]
        given += [flag, *(value if isinstance(value, list) else [value])]
    code = duban.main(given)
    assert code in (0, 2)
    return code == 0, capsys.readouterr().err


@pytest.mark.parametrize("door", ["page", "interface", "command"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_who_took_part_is_refused_and_somebody_apart_decides(office: Office, kind, door, monkeypatch, capsys):
    made, who, did = KINDS[kind]
    now = _NOW.get(kind, _LATER)
    set_clock(monkeypatch, now)
    monkeypatch.setenv("DUBAN_DATABASE", "the one of these tests")
    filed_at = {} if kind in _NOW else {"now": at("2021-01-20")}
    one = accepted(office, made(office), **filed_at)
    assert one.target == kind
    Account.objects.update(must_change_password=False)

    def decide(name: str) -> tuple[bool, str]:
        account = Account.objects.get(pk=office.accounts[name].pk)
        if door == "command":
            return by_command(account, objection_of(pk=one.pk), capsys)
        through = by_page if door == "page" else by_interface
        return through(account, objection_of(pk=one.pk))

    is_done, said = decide(who)
    assert not is_done
    assert did in said
    assert "应当回避" in said
    assert objection_of(pk=one.pk).state == "accepted"
    assert decide(APART)[0]
    after = objection_of(pk=one.pk)
    assert (after.state, after.outcome, after.decided_by_name) == ("decided", "upheld", f"{APART}甲")
