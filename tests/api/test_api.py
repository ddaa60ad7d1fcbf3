"""Programs: let in by token, refused in one shape, the same actions as the pages; the document says what is there."""

import json
from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

import duban
from duban.access.actions import create_token, reset_password, revoke_token
from duban.access.models import Account, Token
from duban.api import shapes
from duban.api.document import ROUTES, openapi
from duban.api.doors import STATUS as API_STATUS
from duban.api.limits import Meter
from duban.audit.models import Event
from duban.bulletins.models import Citation
from duban.core.actor import SYSTEM, Actor
from duban.core.errors import Invalid, NotAllowed, NotFound
from duban.objections.models import Objection
from duban.progress.models import Progress
from duban.web.middleware import OF_PROGRAMS, STATUS
from tests.letters.builders import at, slow_matter
from tests.objections.builders import Office, accepted, light, objection_of, office_of
from tests.web.matter_doors import set_clock

pytestmark = pytest.mark.django_db

NOW = at("2020-08-03")
RULING = {"outcome": "upheld", "reasons": "经查，申请理由成立。"}


@pytest.fixture
def office(county, now) -> Office:
    made = office_of(county, now)
    Account.objects.update(must_change_password=False)
    return made


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    set_clock(monkeypatch, NOW)


def token_of(account: Account, *, days: int = 30) -> tuple[Token, str]:
    owner = Actor(account.name, account_id=account.pk)
    Account.objects.filter(pk=account.pk).update(must_change_password=False)
    return create_token(account, name="报表程序", expires_on=NOW.date() + timedelta(days=days), by=owner, now=NOW)


class Program:
    """A program with somebody's token."""

    def __init__(self, account: Account) -> None:
        self.token, secret = token_of(account)
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.client = Client()

    def get(self, name: str, *args, **query):
        return self.client.get(reverse(name, args=args), query, headers=self.headers)

    def post(self, name: str, *args, body: object):
        address = reverse(name, args=args)
        return self.client.post(address, json.dumps(body), content_type="application/json", headers=self.headers)


def program(office: Office, who: str) -> Program:
    return Program(office.accounts[who])


def refusal(response) -> tuple[int, str]:
    said = response.json()
    assert list(said) == ["error"]
    assert list(said["error"]) == ["code", "message", "field"]
    return response.status_code, said["error"]["code"]


# ---- tokens


def test_only_a_digest_is_kept_and_another_token_is_another_secret(office):
    token, secret = token_of(office.accounts["officer"])
    _, other = token_of(office.accounts["officer"])
    assert secret.startswith("duban_")
    assert secret != other
    assert secret not in str(Token.objects.filter(pk=token.pk).values().get())
    assert secret not in json.dumps(list(Event.objects.values_list("data", "subject_label")), ensure_ascii=False)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_token_ends_within_a_year(office, days):
    with pytest.raises(Invalid, match="一年之内"):
        token_of(office.accounts["officer"], days=days)


def test_nobody_makes_or_ends_the_token_of_another(office):
    account = office.accounts["officer"]
    with pytest.raises(NotAllowed):
        create_token(account, name="报表", expires_on=date(2020, 9, 1), by=office["deputy"], now=NOW)
    token, _ = token_of(account)
    with pytest.raises(NotFound):
        revoke_token(token, by=office["deputy"], now=NOW)


def ended(how: str, *, office: Office, one: Program, monkeypatch) -> None:
    account = office.accounts["officer"]
    if how == "revoked":
        revoke_token(one.token, by=office["officer"], now=NOW)
    elif how == "expired":
        set_clock(monkeypatch, NOW + timedelta(days=31))
    elif how == "switched_off":
        Account.objects.filter(pk=account.pk).update(is_active=False)
    elif how == "reset":
        reset_password(account, password="qiche-2021-linjiang", by=SYSTEM, now=NOW)
        Account.objects.filter(pk=account.pk).update(must_change_password=False)
    else:
        Account.objects.filter(pk=account.pk).update(must_change_password=True)


@pytest.mark.parametrize("how", ["revoked", "expired", "switched_off", "reset", "must_change"])
def test_a_token_that_ended_lets_nobody_in(office, monkeypatch, how):
    one = program(office, "officer")
    assert one.get("api_plans").status_code == 200
    ended(how, office=office, one=one, monkeypatch=monkeypatch)
    assert refusal(one.get("api_plans")) == (401, "unauthenticated")


@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer nothing"},
                                   {"Authorization": "Basic abc"}])  # fmt: skip
def test_without_a_token_nothing_is_answered(office, given):
    response = Client().get(reverse("api_plans"), headers=given)
    assert refusal(response) == (401, "unauthenticated")
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_session_is_no_token_and_needs_none_of_its_cookies(office):
    client = Client(enforce_csrf_checks=True)
    client.force_login(office.accounts["officer"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("api_plans")).status_code == 401


def test_use_is_noted_once_a_day(office):
    one = program(office, "officer")
    one.get("api_plans")
    assert Token.objects.get(pk=one.token.pk).last_used_on == NOW.date()
    with CaptureQueriesContext(connection) as queries:
        one.get("api_plans")
    assert [each["sql"] for each in queries if "UPDATE" in each["sql"]] == []


def test_owner_makes_and_ends_tokens_on_the_page_and_sees_the_secret_once(office):
    client = Client()
    client.force_login(office.accounts["deputy"], backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("tokens")
    done = client.post(page, {"name": "报表程序", "expires_on": "2020-09-01"})
    secret = done.context["secret"]
    assert secret in done.content.decode()
    assert done["Cache-Control"] == "no-store"
    assert secret not in client.get(page).content.decode()
    assert Client().get(reverse("api_plans"), headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    wrong = client.post(page, {"name": "报表程序", "expires_on": "2031-01-01"})
    assert wrong.status_code == 400
    assert "一年之内" in wrong.content.decode()
    client.post(reverse("token_revoke", args=[Token.objects.get().pk]))
    assert Client().get(reverse("api_plans"), headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert list(Event.objects.filter(name__startswith="access.token").values_list("name", flat=True)) == [
        "access.token_created",
        "access.token_revoked",
    ]
    foreign, _ = token_of(office.accounts["officer"])
    assert client.post(reverse("token_revoke", args=[foreign.pk])).status_code == 404


# ---- reading


def test_matters_are_narrowed_and_paged(office):
    for serial in ("1", "2", "3"):
        slow_matter(office.world, serial=serial)
    one = program(office, "officer")
    first = one.get("api_matters", size="2").json()
    assert (first["total"], first["pages"], [each["serial"] for each in first["items"]]) == (3, 2, ["1", "2"])
    second = one.get("api_matters", size="2", page="2").json()
    assert [each["serial"] for each in second["items"]] == ["3"]
    assert one.get("api_matters", q="改造校舍2").json()["total"] == 1
    assert one.get("api_matters", state="closed").json()["total"] == 0
    assert first["items"][0]["leads"] == ["教育局"]


@pytest.mark.parametrize("query", [{"state": "gone"}, {"light": "blue"}, {"size": "201"}, {"page": "x"}])
def test_a_wrong_query_is_said(office, query):
    assert refusal(program(office, "officer").get("api_matters", **query)) == (400, "invalid")


def test_one_matter_says_why_its_light_is_what_it_is(office):
    matter = light(office).matter
    said = program(office, "officer").get("api_matter", matter.pk).json()
    assert (said["matter"]["light"], said["matter"]["light_shown"]) == ("yellow", "red")
    assert said["override_reason"] == "现场停工。"
    worst = said["reasons"][0]
    assert worst["light"] == "red"  # by today; no night has turned it yet
    assert worst["text"]
    assert worst["cure"]


def test_units_see_their_own_and_what_they_owe(office):
    slow_matter(office.world, serial="1")
    slow_matter(office.world, serial="2", leads=("交通局",))
    one = Program(Account.objects.get(pk=office.of_unit("head").account_id))
    assert [each["serial"] for each in one.get("api_matters").json()["items"]] == ["1"]
    dues = one.get("api_obligations").json()["items"]
    assert {each["serial"] for each in dues if each["serial"]} == {"1"}
    assert refusal(program(office, "officer").get("api_obligations")) == (403, "not_allowed")


def test_what_is_not_theirs_is_not_there_and_the_try_is_written_down(office):
    one = accepted(office)
    stranger = Program(Account.objects.get(person__name="交通局联络员"))
    assert refusal(stranger.get("api_objection", one.pk)) == (404, "not_found")
    assert Event.objects.get(name="access.refused").actor_name == "交通局联络员"


def test_bulletins_and_objections_are_listed(office):
    one = accepted(office)
    officer = program(office, "officer")
    assert officer.get("api_bulletins").json()["items"][0]["number"] == 1
    assert [each["id"] for each in officer.get("api_objections", state="accepted").json()["items"]] == [one.pk]
    assert officer.get("api_objections", state="decided").json()["total"] == 0
    assert officer.get("api_objection", one.pk).json()["about"] == one.about


# ---- acting


def test_progress_is_entered_by_the_same_action(office):
    matter = office.world.started(serial="5")
    unit = office.world.unit("教育局")
    one = Program(Account.objects.get(pk=office.of_unit("liaison").account_id))
    body = {"unit_id": unit.pk, "pct": 30, "sentence": "主体封顶。"}
    said = one.post("api_progress", matter.pk, body=body)
    assert (said.status_code, said.json()["pct"], said.json()["sentence"]) == (200, 30.0, "主体封顶。")
    assert Progress.objects.get(sentence="主体封顶。").unit_id == unit.pk
    assert refusal(one.post("api_progress", matter.pk, body={**body, "pct": "30"})) == (400, "invalid")
    assert refusal(one.post("api_progress", matter.pk, body={**body, "pct": 1000})) == (400, "invalid")
    assert refusal(one.post("api_progress", matter.pk, body=[1])) == (400, "invalid")
    other = office.world.unit("统计局")
    assert refusal(one.post("api_progress", matter.pk, body={**body, "unit_id": other.pk})) == (403, "not_allowed")


@pytest.mark.parametrize("who", ["officer", "director", "mayor"])
def test_who_took_part_is_refused_by_the_interface_too(office, who):
    one = accepted(office)
    answer = program(office, who).post("api_decision", one.pk, body=RULING)
    assert refusal(answer) == (403, "recused")
    assert objection_of().state == "accepted"


def test_somebody_apart_decides_and_the_record_follows(office):
    one = accepted(office)
    deputy = program(office, "deputy")
    assert refusal(deputy.post("api_decision", one.pk, body={**RULING, "outcome": "maybe"})) == (400, "invalid")
    said = deputy.post("api_decision", one.pk, body=RULING).json()
    assert (said["state"], said["outcome"], said["number"]) == ("decided", "upheld", "临江政督复〔2020〕1号")
    assert Citation.objects.get(pk=one.citation_id).withdrawn_at is not None
    assert refusal(deputy.post("api_decision", one.pk, body=RULING)) == (409, "wrong_state")
    assert Objection.objects.count() == 1


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '"x"', '{"outcome": 3}', '{"outcome": "upheld", "reasons": "a\\u0000b"}']
)
def test_a_body_that_is_no_object_is_said(office, body):
    one = accepted(office)
    deputy = program(office, "deputy")
    address = reverse("api_decision", args=[one.pk])
    answer = deputy.client.post(address, body, content_type="application/json", headers=deputy.headers)
    assert refusal(answer) == (400, "invalid")


def test_a_wrong_method_says_which_is_right(office):
    answer = program(office, "deputy").post("api_plans", body={})
    assert refusal(answer) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET"


# ---- how often


def test_who_comes_too_often_is_told_when_to_come_again_and_others_are_let_in(office, settings):
    settings.API_PER_MINUTE = 2
    busy, other = program(office, "deputy"), program(office, "second")
    answers = [busy.get("api_plans") for _ in range(6)]
    refused = [one for one in answers if one.status_code == 429]
    assert len(refused) >= 2  # the minute may turn once between them
    assert refusal(refused[0]) == (429, "too_many")
    assert 1 <= int(refused[0]["Retry-After"]) <= 60
    assert f"{refused[0]['Retry-After']} 秒以后再来" in refused[0].json()["error"]["message"]
    assert other.get("api_plans").status_code == 200
    assert not Event.objects.filter(name="access.refused").exists()
    settings.API_PER_MINUTE = 0
    assert busy.get("api_plans").status_code == 200


@pytest.mark.parametrize(
    ("at_s", "wait_s"), [([0, 1, 2], [0, 0, 58]), ([58, 59.5, 60], [0, 0, 0]), ([0, 1, 59.9], [0, 0, 1])]
)
def test_the_minute_is_counted_and_begins_anew(at_s, wait_s):
    meter = Meter()
    assert [meter.wait_s("one", most=2, at_s=600 + one) for one in at_s] == wait_s
    assert meter.wait_s("two", most=2, at_s=600 + at_s[-1]) == 0


# ---- the document


def test_document_in_docs_is_the_one_that_is_served(client):
    kept = Path(duban.__file__).parents[2] / "docs" / "openapi.json"
    assert json.loads(kept.read_text("utf-8")) == openapi()
    assert client.get(reverse("api_document")).json() == openapi()


def test_every_route_is_in_the_document_and_nothing_else():
    found = {one.name: str(one.pattern) for one in get_resolver().url_patterns if one.name.startswith(OF_PROGRAMS)}
    found.pop("api_document")
    told = {one.name: one.path.removeprefix("/").replace("{pk}", "<int:pk>") for one in ROUTES}
    assert found == told


def test_every_reference_of_the_document_is_there():
    whole = openapi()
    schemas = whole["components"]["schemas"]
    wanted = {word.split('"')[0] for word in json.dumps(whole).split("#/components/schemas/")[1:]}
    assert wanted == set(schemas)
    assert list(schemas["ObjectionShape"]["properties"]) == [one.name for one in fields(shapes.ObjectionShape)]


def test_statuses_are_those_of_the_pages():
    assert {kind: API_STATUS[kind] for kind in STATUS} == STATUS
