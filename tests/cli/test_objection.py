"""`duban objection`: lists what waits and decides by the same action: who took part is refused here as on the page."""

import pytest

from duban.access.models import Account
from duban.bulletins.models import Citation
from duban.cli import main as duban
from duban.cli.objection import main
from duban.core.errors import NotAllowed, NotFound
from duban.objections.actions import Recused
from duban.objections.models import Objection
from tests.letters.builders import at
from tests.objections.builders import Office, accepted, objection_of, office_of
from tests.web.matter_doors import set_clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(county, now) -> Office:
    return office_of(county, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    set_clock(monkeypatch, at("2020-08-03"))
    monkeypatch.setenv("DUBAN_DATABASE", "the one of these tests")


def decide(one: Objection, *more: str, who: str) -> int:
    return main(["decide", str(one.pk), *(more or ("--uphold",)), "--reason", "经查，申请理由成立。", "--as", who])


@pytest.mark.parametrize("who", ["officer", "director", "mayor"])
def test_who_took_part_is_refused(office, who):
    one = accepted(office)
    with pytest.raises(Recused, match="应当回避"):
        decide(one, who=who)
    assert objection_of().state == "accepted"


def test_refusal_is_said_on_the_command_line_with_code_2(office, capsys):
    one = accepted(office)
    given = ["objection", "decide", str(one.pk), "--reject", "--reason", "属实，维持。", "--as", "officer"]
    assert duban.main(given) == 2
    assert "应当回避" in capsys.readouterr().err


def test_somebody_apart_decides_and_the_number_is_said(office, capsys):
    one = accepted(office)
    assert main(["list"]) == 0
    assert f"{one.pk}\t教育局\t{one.about}\t复核中，2020-08-19前决定" in capsys.readouterr().out
    assert decide(one, who="deputy") == 0
    assert "临江政督复〔2020〕1号：支持申请。撤回这一条通报" in capsys.readouterr().out
    assert Citation.objects.get(pk=one.citation_id).withdrawn_by_name == "deputy甲"
    assert main(["list"]) == 0
    assert "没有待决定的复核申请" in capsys.readouterr().out
    assert main(["list", "--all"]) == 0
    assert "支持申请（临江政督复〔2020〕1号）" in capsys.readouterr().out


def test_an_unknown_a_disabled_account_and_an_unknown_number_are_said(office):
    one = accepted(office)
    with pytest.raises(NotFound, match="没有“nobody”这个账号"):
        decide(one, who="nobody")
    Account.objects.filter(username="deputy").update(is_active=False)
    with pytest.raises(NotAllowed, match="已停用"):
        decide(one, who="deputy")
    Account.objects.filter(username="deputy").update(is_active=True)
    with pytest.raises(NotFound):
        main(["decide", "999999", "--uphold", "--reason", "经查成立。", "--as", "deputy"])


@pytest.mark.parametrize("given", [[], ["decide"], ["decide", "1", "--uphold"], ["list", "1"]])
def test_a_wrong_call_is_said(given, capsys):
    with pytest.raises(SystemExit) as ended:
        main(given)
    assert ended.value.code == 2
    assert "命令写得不对" in capsys.readouterr().err
