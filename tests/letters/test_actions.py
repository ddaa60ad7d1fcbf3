"""What people do with letters: each step, its refusals, the second call, the line in the trail."""

from datetime import date
from io import BytesIO

import pytest

from duban.audit.models import Event
from duban.core.actor import SYSTEM
from duban.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from duban.core.files import path_of
from duban.evidence.examining import NewFile
from duban.letters.actions import (
    AnsweredMatter,
    LetterEdit,
    NewItem,
    accept_answer,
    answer_letter,
    deliver_letter,
    drop_letter,
    edit_letter,
    issue_letter,
    merge_letters,
    number_letter,
    present_letter,
    read_letter,
    return_answer,
    send_back_letter,
    sign_letter,
    withdraw_letter,
    write_letter,
)
from duban.letters.models import Letter, LetterAnswer, Receipt
from duban.letters.queries import letter_for, letters_on, morning_of
from duban.letters.rules import LetterKind
from duban.matters.actions import Behalf
from duban.matters.models import Obligation
from duban.matters.rules import Channel
from duban.outbox.models import Message
from duban.papers.actions import add_scan
from duban.papers.models import PaperScan
from tests.evidence.files import picture
from tests.letters.builders import (
    at,
    letter_of,
    overseen,
    person_of,
    round_of,
    sent_out,
    set_policy,
    signer,
    slow_matter,
    staff,
)
from tests.matters.builders import names_of_events

pytestmark = pytest.mark.django_db

NOW = at("2020-02-06")


@pytest.fixture
def people(world):
    return staff(world)


@pytest.fixture
def matter(world, people):
    return slow_matter(world, overseers=overseen(world))


@pytest.fixture
def draft(world, matter) -> Letter:
    round_of("2020-02-06")
    return letter_of()


def by_hand(world, kind=LetterKind.SUPERVISE, *matters, **more) -> Letter:
    items = [NewItem(one, "群众反映强烈。") for one in matters]
    given = {"unit": world.unit("教育局"), "kind": kind, "items": items, "by": world.officer, "now": NOW, **more}
    return write_letter(world.plan, **given)


def unchanged(letter: Letter) -> bool:
    return Letter.objects.values().get(pk=letter.pk)["state"] == letter.state


# ---- drafts


def edit(letter: Letter, **more) -> LetterEdit:
    given = {"title": letter.title, "opening": letter.opening, "demand": letter.demand, **more}
    return LetterEdit(**given)


def test_officer_edits_the_words_and_takes_a_matter_out(world, draft):
    slow_matter(world, serial="2")
    round_of("2020-02-07")
    first, second = draft.items.order_by("pk")
    words, removed = {first.pk: "校舍改造进度偏慢。"}, frozenset({second.pk})
    changed = edit(draft, title="关于校舍改造的提醒函", words=words, removed=removed, removed_reason="已电话提醒")
    edit_letter(draft, edit=changed, seen=2, by=world.officer, now=NOW)
    assert (draft.title, draft.version) == ("关于校舍改造的提醒函", 3)
    first.refresh_from_db()
    assert (first.words, first.removed_reason) == ("校舍改造进度偏慢。", "")
    assert draft.items.get(pk=second.pk).removed_reason == "已电话提醒"
    assert draft.items.get(pk=first.pk).figures["expected"] > 0, "the figures stay"
    data = Event.objects.filter(name="letters.edited").latest("pk").data
    assert (data["after"]["标题"], data["removed"], data["unit"]) == ("关于校舍改造的提醒函", ["第2项"], "教育局")


def test_edit_of_what_somebody_else_changed_shows_both(world, draft):
    edit_letter(draft, edit=edit(draft, title="甲的标题"), seen=1, by=world.officer, now=NOW)
    with pytest.raises(Conflict) as conflict:
        edit_letter(draft, edit=edit(draft, title="乙的标题"), seen=1, by=world.office_head, now=NOW)
    assert conflict.value.theirs["标题"] == "甲的标题"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": ""}, "title"),
        ({"opening": "无"}, "opening"),
        ({"demand": "长" * 501}, "demand"),
    ],
)
def test_edit_that_says_nothing_or_too_much_is_refused(world, draft, more, field):
    with pytest.raises(Invalid) as refusal:
        edit_letter(draft, edit=edit(draft, **more), seen=1, by=world.officer, now=NOW)
    assert (refusal.value.field, letter_of().version) == (field, 1)


def test_letter_without_matters_is_dropped_not_edited(world, draft):
    nothing = edit(draft, removed=frozenset({draft.items.get().pk}), removed_reason="不发了")
    with pytest.raises(Invalid, match="至少要留一项"):
        edit_letter(draft, edit=nothing, seen=1, by=world.officer, now=NOW)


def test_two_drafts_to_one_unit_are_merged(world, draft, matter):
    other = by_hand(world, LetterKind.REMIND, slow_matter(world, serial="2"))
    merge_letters(draft, others=[other], by=world.officer, now=NOW)
    other.refresh_from_db()
    assert (draft.items.count(), other.state, other.merged_into_id) == (2, "dropped", draft.pk)
    with pytest.raises(WrongState):
        merge_letters(draft, others=[other], by=world.officer, now=NOW)
    assert names_of_events(name="letters.merged") == ["letters.merged"]


def test_drafts_of_different_kinds_are_not_merged(world, draft):
    other = by_hand(world, LetterKind.SUPERVISE, slow_matter(world, serial="2"), is_urgent=True)
    with pytest.raises(Invalid, match="同一种函"):
        merge_letters(draft, others=[other], by=world.officer, now=NOW)
    with pytest.raises(Invalid, match="同一种函"):
        merge_letters(draft, others=[draft], by=world.officer, now=NOW)


def test_drop_needs_a_reason_and_happens_once(world, draft):
    with pytest.raises(Invalid, match="请写明作罢的理由"):
        drop_letter(draft, reason="  ", by=world.officer, now=NOW)
    drop_letter(draft, reason="已电话了解", by=world.officer, now=NOW)
    with pytest.raises(WrongState):
        drop_letter(draft, reason="再来一次", by=world.officer, now=NOW)
    assert Event.objects.get(name="letters.dropped").data["reason"] == "已电话了解"


def test_presented_draft_is_sent_back_by_who_signs_it(world, draft):
    present_letter(draft, by=world.officer, now=NOW)
    with pytest.raises(WrongState):
        edit_letter(draft, edit=edit(draft, title="改了标题"), seen=1, by=world.officer, now=NOW)
    send_back_letter(draft, reason="数字再核一下", by=signer(world, "director"), now=NOW)
    assert (draft.state, draft.sent_back_reason) == ("drafted", "数字再核一下")
    with pytest.raises(WrongState):
        send_back_letter(draft, reason="数字再核一下", by=world.officer, now=NOW)


@pytest.mark.parametrize("step", ["edit", "drop", "present", "merge", "send_back", "issue", "withdraw", "accept"])
def test_unit_does_nothing_at_the_office(world, draft, step):
    by = world.liaison("教育局")
    told = {"by": by, "now": NOW}
    steps = {
        "edit": lambda: edit_letter(draft, edit=edit(draft), seen=1, **told),
        "drop": lambda: drop_letter(draft, reason="不想收", **told),
        "present": lambda: present_letter(draft, **told),
        "merge": lambda: merge_letters(draft, others=[draft], **told),
        "send_back": lambda: send_back_letter(draft, reason="不想收", **told),
        "issue": lambda: issue_letter(draft, **told),
        "withdraw": lambda: withdraw_letter(draft, reason="不想收", **told),
        "accept": lambda: accept_answer(draft, **told),
    }
    with pytest.raises(NotAllowed):
        steps[step]()
    assert unchanged(draft)


# ---- by hand


def test_urgent_letter_skips_levels_where_the_policy_allows(world, matter):
    with pytest.raises(Invalid, match="还没有发过上一级函件"):
        by_hand(world, LetterKind.SUPERVISE, matter)
    letter = by_hand(world, LetterKind.SUPERVISE, matter, is_urgent=True)
    assert (letter.state, letter.is_batch, letter.is_urgent) == ("drafted", False, True)
    assert [(one.cause, one.words, one.key) for one in letter.items.all()] == [("hand", "群众反映强烈。", None)]
    set_policy(world, levels_may_be_skipped=False)
    with pytest.raises(Invalid):
        by_hand(world, LetterKind.SUPERVISE, slow_matter(world, serial="2"), is_urgent=True)


def test_letter_by_hand_within_the_cool_down_needs_a_reason(world, draft, matter):
    with pytest.raises(WrongState, match="已有同级或更高一级的函件在办"):
        by_hand(world, LetterKind.REMIND, matter)
    sent_out(world, draft, on="2020-02-06")
    told = {"lines": [AnsweredMatter(matter.pk, "抓紧推进。")], "by": world.liaison("教育局"), "now": NOW}
    accept_answer(answer_letter(letter_of(), **told), by=world.officer, now=NOW)
    with pytest.raises(Invalid) as refusal:
        by_hand(world, LetterKind.REMIND, matter)
    assert refusal.value.field == "override_reason"
    again = by_hand(world, LetterKind.REMIND, matter, override_reason="区长要求")
    assert again.override_reason == "区长要求"


def test_letter_by_hand_goes_to_units_of_the_matter_only(world, matter):
    with pytest.raises(Invalid, match="不在第1项的责任单位中"):
        by_hand(world, LetterKind.REMIND, matter, unit=world.unit("交通局"))
    with pytest.raises(Invalid, match="请选择事项"):
        by_hand(world, LetterKind.REMIND)
    with pytest.raises(NotAllowed):
        by_hand(world, LetterKind.REMIND, matter, by=world.liaison("教育局"))
    assert not Letter.objects.exists()


# ---- signing


@pytest.mark.parametrize(
    ("kind", "role", "others"),
    [
        (LetterKind.REMIND, "office_head", ("director", "deputy_director")),
        (LetterKind.URGE, "deputy_director", ("director", "office_head")),
        (LetterKind.SUPERVISE, "director", ("deputy_director", "office_head")),
    ],
)
def test_each_kind_is_signed_by_its_role_and_nobody_for_another(world, matter, kind, role, others):
    letter = by_hand(world, kind, matter, is_urgent=True)
    for other in (*(signer(world, one) for one in others), world.officer, SYSTEM):
        with pytest.raises(NotAllowed):
            sign_letter(letter, by=other, now=NOW)
    assert letter_of().number_text == ""
    sign_letter(letter, by=signer(world, role), now=NOW)
    assert (letter.state, letter.number, letter.signed_by_name) == ("signed", 1, f"{role}某")


def test_numbers_run_by_kind_and_year_and_a_withdrawn_letter_keeps_its_own(world, people):
    numbers = []
    for serial, kind, day in (
        ("1", LetterKind.REMIND, "2020-02-06"),
        ("2", LetterKind.REMIND, "2020-02-06"),
        ("3", LetterKind.SUPERVISE, "2020-02-06"),
        ("4", LetterKind.REMIND, "2021-01-04"),
    ):
        letter = letter_of(pk=by_hand(world, kind, slow_matter(world, serial=serial), is_urgent=True).pk)
        sign_letter(
            letter, by=signer(world, "director" if kind is LetterKind.SUPERVISE else "office_head"), now=at(day)
        )
        if serial == "1":
            withdraw_letter(letter, reason="发错单位", by=world.officer, now=NOW)
        letter.refresh_from_db()
        numbers.append((letter.number_text, letter.state))
    assert numbers == [
        ("临江政督提〔2020〕1号", "withdrawn"),
        ("临江政督提〔2020〕2号", "signed"),
        ("临江政督办〔2020〕1号", "signed"),
        ("临江政督提〔2021〕1号", "signed"),
    ]


def test_what_was_changed_since_it_was_read_is_not_signed(world, draft):
    as_read = letter_of()
    edit_letter(draft, edit=edit(draft, title="后来改的标题"), seen=1, by=world.officer, now=NOW)
    with pytest.raises(WrongState, match="刚刚有改动"):
        sign_letter(as_read, by=signer(world, "office_head"), now=NOW)
    assert letter_of().number is None


def test_signing_that_fails_takes_no_number(world, draft, monkeypatch):
    from duban.letters.actions import issuing

    def fails(*args, **more):
        raise RuntimeError

    monkeypatch.setattr(issuing, "record", fails)
    with pytest.raises(RuntimeError):
        sign_letter(draft, by=signer(world, "office_head"), now=NOW)
    monkeypatch.undo()
    sign_letter(letter_of(), by=signer(world, "office_head"), now=NOW)
    assert letter_of().number == 1


def scan() -> NewFile:
    return NewFile("盖章件.png", BytesIO(picture()))


def test_number_of_the_offices_own_document_system_is_typed_in_with_the_sealed_scan(world, draft):
    set_policy(world, numbering="document_system")
    letter = letter_of()
    sign_letter(letter, by=signer(world, "office_head"), now=NOW)
    assert letter.number_text == ""
    with pytest.raises(WrongState, match="签发并编号以后"):
        issue_letter(letter, by=world.officer, now=NOW)
    number_letter(letter, number="临政办函〔2020〕7号", scan=scan(), by=world.officer, now=NOW)
    assert (letter.number_text, letter.number, bool(letter.scan_digest)) == ("临政办函〔2020〕7号", None, True)
    with pytest.raises(WrongState, match="已经登记文号"):
        number_letter(letter, number="临政办函〔2020〕8号", scan=scan(), by=world.officer, now=NOW)
    issue_letter(letter, by=world.officer, now=NOW)
    beside = PaperScan.objects.get(paper__subject_id=letter.pk)
    assert (beside.version, beside.file_name, beside.digest) == (1, letter.scan_name, letter.scan_digest)
    assert (beside.size_bytes, beside.scan) == (path_of(letter.scan_digest).stat().st_size, "none")
    with pytest.raises(WrongState, match="已经附上"):
        add_scan(beside.paper, scan=scan(), reason="重扫", by=world.officer, now=NOW)
    other = letter_of(pk=by_hand(world, LetterKind.REMIND, slow_matter(world, serial="2")).pk)
    sign_letter(other, by=signer(world, "office_head"), now=NOW)
    with pytest.raises(Invalid, match="已经用于另一份函件"):
        number_letter(other, number="临政办函〔2020〕7号", scan=scan(), by=world.officer, now=NOW)


def test_with_the_plans_own_register_no_number_is_typed_in(world, draft):
    sign_letter(draft, by=signer(world, "office_head"), now=NOW)
    with pytest.raises(WrongState, match="由系统编号"):
        number_letter(draft, number="临政办函〔2020〕7号", scan=scan(), by=world.officer, now=NOW)


# ---- out of the house


def test_reminder_goes_to_the_deputy_and_the_liaison(world, people, draft):
    letter = sent_out(world, draft, on="2020-02-06")
    told = Receipt.objects.filter(letter=letter).select_related("person")
    assert [(one.person.name, one.capacity, one.is_copy) for one in told] == [
        ("教育局副局长", "分管领导", False),
        ("教育局联络员", "联络员", False),
    ]
    messages = list(Message.objects.order_by("pk"))
    assert [(one.kind, one.title, one.link) for one in messages] == [
        ("letter", "您有 1 份函件待办", f"/letters/{letter.pk}/")
    ] * 2
    assert (letter.delivery, letter.delivered_on) == ("system", date(2020, 2, 6))
    owed = Obligation.objects.get(kind="letter")
    assert (owed.unit.name, owed.due_on, owed.title) == ("教育局", date(2020, 2, 13), "答复提醒函临江政督提〔2020〕1号")


def test_graver_letters_go_to_the_head_with_the_overseer_in_copy(world, people, matter):
    letter = letter_of(pk=by_hand(world, LetterKind.SUPERVISE, matter, is_urgent=True).pk)
    sent_out(world, letter, on="2020-02-06")
    told = Receipt.objects.filter(letter=letter).select_related("person")
    assert [(one.person.name, one.is_copy) for one in told] == [("教育局局长", False), ("吴一", True)]
    assert Obligation.objects.get(kind="letter").due_on == date(2020, 2, 20)
    assert sorted(Message.objects.values_list("title", flat=True)) == ["您有 1 份函件待办", "您有 1 份函件待阅"]
    event = Event.objects.get(name="letters.issued")
    assert (event.matter_id, event.data["copies"], event.data["unit_id"]) == (
        matter.pk,
        ["吴一"],
        world.unit("教育局").pk,
    )


def test_letter_is_issued_once(world, draft):
    with pytest.raises(WrongState):
        issue_letter(draft, by=world.officer, now=NOW)
    letter = sent_out(world, draft, on="2020-02-06")
    with pytest.raises(WrongState):
        issue_letter(letter, by=world.officer, now=NOW)
    assert (Message.objects.count(), Event.objects.filter(name="letters.issued").count()) == (2, 1)


def test_on_paper_the_clock_runs_from_the_day_it_was_handed_over(world):
    staff(world, has_accounts=False)
    slow_matter(world)
    round_of("2020-02-06")
    letter = sent_out(world, letter_of(), on="2020-02-06")
    assert (letter.delivered_on, Obligation.objects.filter(kind="letter").count()) == (None, 0)
    later = at("2020-02-12")
    for day in (date(2020, 2, 5), date(2020, 2, 13)):
        with pytest.raises(Invalid):
            deliver_letter(letter, delivered_on=day, to="收发室", by=world.officer, now=later)
    deliver_letter(letter, delivered_on=date(2020, 2, 10), to="收发室", by=world.officer, now=later)
    assert Obligation.objects.get(kind="letter").due_on == date(2020, 2, 17)
    with pytest.raises(WrongState, match="已经送达"):
        deliver_letter(letter, delivered_on=date(2020, 2, 10), to="收发室", by=world.officer, now=later)


def test_reading_is_noted_once_and_only_for_those_it_is_addressed_to(world, people, draft):
    letter = sent_out(world, draft, on="2020-02-06")
    reader = person_of(world, people["liaison"])
    for _ in range(2):
        read_letter(letter, by=reader, now=NOW)
    assert Receipt.objects.get(person=people["liaison"]).read_at == NOW
    assert Event.objects.filter(name="letters.read").count() == 1
    with pytest.raises(NotFound):
        read_letter(letter, by=person_of(world, people["head"], role="unit_head"), now=NOW)
    with pytest.raises(NotFound):
        read_letter(letter, by=world.officer, now=NOW)


def test_withdrawn_letter_asks_for_nothing_and_its_readers_are_told(world, people, draft):
    letter = sent_out(world, draft, on="2020-02-06")
    withdraw_letter(letter, reason="情况有误", by=world.officer, now=NOW)
    assert (letter.state, letter.number_text) == ("withdrawn", "临江政督提〔2020〕1号")
    assert Obligation.objects.get(kind="letter").state == "waived"
    assert Message.objects.filter(text__endswith="已撤回。").count() == 2
    with pytest.raises(WrongState):
        withdraw_letter(letter, reason="情况有误", by=world.officer, now=NOW)


def test_draft_is_dropped_not_withdrawn(world, draft):
    with pytest.raises(WrongState):
        withdraw_letter(draft, reason="情况有误", by=world.officer, now=NOW)


# ---- answers


@pytest.fixture
def issued(world, draft) -> Letter:
    return sent_out(world, draft, on="2020-02-06")


def answer(world, letter, *lines, by=None, **more) -> Letter:
    given = {"lines": lines, "by": by or world.liaison("教育局"), "now": at("2020-02-10"), **more}
    return answer_letter(letter, **given)


def test_unit_answers_for_each_matter_and_the_office_accepts(world, issued, matter):
    answer(world, issued, AnsweredMatter(matter.pk, "受疫情影响，三月复工。"))
    owed = Obligation.objects.get(kind="letter")
    assert (issued.state, owed.state, owed.met_on) == ("answered", "met", date(2020, 2, 10))
    accept_answer(issued, by=world.officer, now=at("2020-02-11"))
    assert (issued.state, issued.outcome) == ("settled", "accepted")
    assert LetterAnswer.objects.get().accepted_by_name == "督查员甲"
    with pytest.raises(WrongState):
        accept_answer(issued, by=world.officer, now=at("2020-02-11"))
    assert names_of_events(matter_id=matter.pk, name__startswith="letters.") == [
        "letters.issued",
        "letters.answered",
        "letters.answer_accepted",
    ]


def test_urging_asks_for_the_cause_and_a_new_day(world, people, matter):
    letter = sent_out(world, letter_of(pk=by_hand(world, LetterKind.URGE, matter, is_urgent=True).pk), on="2020-02-06")
    refused = [
        AnsweredMatter(matter.pk, "", date(2020, 3, 1)),
        AnsweredMatter(matter.pk, "用地未批。"),
        AnsweredMatter(matter.pk, "用地未批。", date(2020, 2, 1)),
    ]
    for line, field in zip(refused, (f"text-{matter.pk}", f"new-{matter.pk}", f"new-{matter.pk}"), strict=True):
        with pytest.raises(Invalid) as refusal:
            answer(world, letter, line)
        assert refusal.value.field == field
    assert (letter_of().state, LetterAnswer.objects.count()) == ("issued", 0)
    answer(world, letter, AnsweredMatter(matter.pk, "用地未批。", date(2020, 3, 31)))
    assert LetterAnswer.objects.get().lines.get().new_on == date(2020, 3, 31)
    matter.refresh_from_db()
    assert matter.due_on == date(2020, 12, 25), "what is said here extends nothing"


def test_returned_answer_is_owed_again(world, people, issued, matter):
    answer(world, issued, AnsweredMatter(matter.pk, "正在推进。"))
    return_answer(issued, reason="没有说明原因", by=world.officer, now=at("2020-02-11"))
    assert issued.state == "issued"
    assert list(Obligation.objects.filter(kind="letter").order_by("pk").values_list("state", "due_on")) == [
        ("met", date(2020, 2, 13)),
        ("open", date(2020, 2, 18)),
    ]
    assert Message.objects.filter(text__contains="没有说明原因").count() == 2
    answer(world, issued, AnsweredMatter(matter.pk, "工人未返岗。"), now=at("2020-02-12"))
    assert list(LetterAnswer.objects.values_list("number", "returned_reason")) == [(1, "没有说明原因"), (2, "")]


def test_office_enters_an_answer_that_came_on_paper_with_its_day(world, issued, matter):
    line = AnsweredMatter(matter.pk, "工人未返岗。")
    with pytest.raises(Invalid, match="代单位答复"):
        answer(world, issued, line, by=world.officer)
    with pytest.raises(Invalid, match="不必代录"):
        answer(world, issued, line, behalf=Behalf(Channel.PAPER, "周二"))
    paper = {"by": world.officer, "behalf": Behalf(Channel.PAPER, "周二")}
    with pytest.raises(Invalid, match="不晚于今天"):
        answer(world, issued, line, answered_on=date(2020, 2, 11), **paper)
    answer(world, issued, line, answered_on=date(2020, 2, 7), **paper)
    given = LetterAnswer.objects.get()
    assert (given.channel, given.informant, given.answered_on) == ("paper", "周二", date(2020, 2, 7))
    assert Obligation.objects.get(kind="letter").met_on == date(2020, 2, 7)


def test_other_units_neither_see_nor_answer_a_letter(world, issued, matter):
    other = world.liaison("交通局")
    with pytest.raises(NotAllowed):
        answer(world, issued, AnsweredMatter(matter.pk, "正在推进。"), by=other)
    with pytest.raises(NotFound):
        letter_for(other, issued.pk)
    assert letters_on(other, matter) == []


def test_unit_sees_a_letter_once_it_is_issued(world, draft, matter):
    liaison = world.liaison("教育局")
    with pytest.raises(NotFound):
        letter_for(liaison, draft.pk)
    sent_out(world, draft, on="2020-02-06")
    assert letter_for(liaison, draft.pk) == draft
    assert [one.pk for one in letters_on(liaison, matter)] == [draft.pk]


# ---- the office's morning


@pytest.mark.parametrize("count", [1, 3])
def test_morning_costs_the_same_whatever_waits(world, people, django_assert_num_queries, count):
    for number in range(count):
        letter = letter_of(pk=by_hand(world, LetterKind.REMIND, slow_matter(world, serial=str(number + 1))).pk)
        sent_out(world, letter, on="2020-02-06")
    for number in range(count):
        by_hand(world, LetterKind.REMIND, slow_matter(world, serial=str(number + 10)))
    with django_assert_num_queries(2):
        found = morning_of(world.office_head, [world.plan], today=date(2020, 2, 14))
    assert (found.counts["overdue"], found.counts["to_handle"]) == (count, count)
    assert found.overdue[0].due_on == date(2020, 2, 13)
    assert morning_of(world.liaison("教育局"), [world.plan], today=date(2020, 2, 14)).counts == {}


def test_what_waits_for_a_signature_is_told_to_who_signs(world, draft):
    present_letter(draft, by=world.officer, now=NOW)
    head, director = (
        morning_of(signer(world, one), [world.plan], today=NOW.date()) for one in ("office_head", "director")
    )
    assert ([row.letter for row in head.to_sign], director.to_sign) == ([draft], [])
