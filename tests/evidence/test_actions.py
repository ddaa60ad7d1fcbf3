import hashlib
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from PIL import Image

from duban.audit.models import Event
from duban.core.actor import Actor
from duban.core.errors import Invalid, NotAllowed, NotFound, WrongState
from duban.core.files import opened, path_of
from duban.evidence import actions
from duban.evidence.actions import add_evidence, hold_evidence, withdraw_evidence
from duban.evidence.examining import NewLink, NewPaper
from duban.evidence.models import Evidence
from duban.evidence.queries import EvidenceFacts, by_subject, evidence_facts, evidence_of
from duban.matters.actions import Behalf, NewOverseer, adopt_policy, ask_to_close, return_closure, suspend
from duban.matters.models import Matter
from duban.matters.rules import Channel
from duban.progress.actions import Said, enter_progress
from tests.conftest import holder
from tests.core.test_file_types import WRONG
from tests.evidence.builders import LINK, PAPER, add, file, lying
from tests.evidence.files import PDF, package, photograph, picture

pytestmark = pytest.mark.django_db


def nothing_added(folder):
    return (Evidence.objects.count(), Event.objects.filter(name="evidence.added").count(), lying(folder)) == (0, 0, [])


def test_file_is_kept_by_its_content_and_the_event_says_what(world, folder):
    matter = world.started()
    (row,) = add(world, matter, file("../../C:\\x\\验收\u202e报告.pdf"))
    digest = hashlib.sha256(PDF).hexdigest()
    assert (row.title, row.file_name, row.content_type, row.size_bytes) == (
        "验收报告",
        "验收报告.pdf",
        "application/pdf",
        len(PDF),
    )
    assert (row.digest, row.given_digest, row.scan, row.scanner) == (digest, digest, "none", "")
    assert (row.added_at, row.added_by_name, row.channel) == (world.now, "教育局联络员", "")
    assert lying(folder) == [digest]
    with opened(row.digest) as content:
        assert content.read() == PDF
    event = Event.objects.get(name="evidence.added")
    assert (event.matter_id, event.subject_type, event.subject_id) == (matter.pk, "evidence", row.pk)
    assert event.data == {
        "unit": "教育局",
        "unit_id": world.unit("教育局").pk,
        "kind": "file",
        "title": "验收报告",
        "file_name": "验收报告.pdf",
        "size_bytes": len(PDF),
        "digest": digest,
        "given_digest": digest,
        "scan": "none",
    }


def test_image_is_kept_as_drawn_anew_with_both_digests(world, folder):
    given = photograph()
    (row,) = add(world, world.started(), file("IMG_0001.JPEG", given))
    assert row.given_digest == hashlib.sha256(given).hexdigest()
    assert row.digest not in ("", row.given_digest)
    assert (row.file_name, row.content_type) == ("IMG_0001.jpg", "image/jpeg")
    assert lying(folder) == [row.digest]
    data = path_of(row.digest).read_bytes()
    assert (hashlib.sha256(data).hexdigest(), len(data)) == (row.digest, row.size_bytes)
    assert b"secret place" not in data
    assert Image.open(BytesIO(data)).size == (30, 40)


def test_image_with_an_archive_in_its_tail_is_cleaned(world):
    (row,) = add(world, world.started(), file("照片.gif", picture("GIF", mode="P", colour=0) + package("x.class")))
    assert (row.file_name, row.content_type) == ("照片.png", "image/png")
    assert b"x.class" not in path_of(row.digest).read_bytes()


def test_links_and_papers_stand_beside_files(world, folder):
    rows = add(world, world.started(), file(), LINK, PAPER)
    assert [(one.kind, one.title, one.address, one.place) for one in rows] == [
        ("file", "验收报告", "", ""),
        ("link", "项目公示", "https://www.linjiang.example/gs/1.html", ""),
        ("paper", "竣工验收备案表", "", "临江教〔2020〕5号，教育局档案室"),
    ]
    assert Event.objects.filter(name="evidence.added").count() == 3
    assert len(lying(folder)) == 1


@pytest.mark.parametrize(("name", "data", "said"), WRONG)
def test_what_is_not_what_it_says_leaves_nothing(world, folder, name, data, said):
    matter = world.started()
    with pytest.raises(Invalid) as refusal:
        add(world, matter, file("好的.pdf"), file(name, data))
    assert refusal.value.message.startswith(said)
    assert nothing_added(folder)


def test_too_large_by_the_policy_is_refused_before_it_is_read(world, folder):
    figures = world.plan.policy.values()
    figures["evidence"]["most_mb"] = 1
    adopt_policy(
        world.plan,
        figures=figures,
        version=world.plan.policy.number,
        reason="试行",
        by=world.office_head,
        now=world.now,
    )
    matter = world.started()
    add(world, matter, file("正好.txt", b"a" * 1024 * 1024))
    with pytest.raises(Invalid) as refusal:
        add(world, matter, file("大.txt", b"b" * (1024 * 1024 + 60_000)))
    assert refusal.value.message == "“大.txt”有 1.1 MB，超过 1 MB 的上限，请压缩或分成几份再传。"
    assert (Evidence.objects.count(), len(lying(folder))) == (1, 1)


def test_same_bytes_keep_one_file_and_are_refused_on_the_same_matter(world, folder):
    matter, other = world.started(supports=("住建局",)), world.started()
    (first,) = add(world, matter)
    for given in (file("别的名字.pdf"), file()):
        with pytest.raises(WrongState) as refusal:
            add(world, matter, given)
    assert refusal.value.message == ("“验收报告”已由教育局联络员于2020年2月3日提交过（“验收报告”），不必重复提交。")
    add(world, other)
    add(world, matter, unit="住建局")
    assert (Evidence.objects.count(), lying(folder)) == (3, [first.digest])


@pytest.mark.parametrize(
    "again",
    [[LINK], [NewLink(LINK.address, "换了名字")], [PAPER], [file("a.pdf", PDF + b"\n"), file("b.pdf", PDF + b"\n")]],
)
def test_same_evidence_twice_is_refused_whole(world, folder, again):
    matter = world.started()
    add(world, matter, LINK, PAPER)
    with pytest.raises(WrongState):
        add(world, matter, file(), *again)
    assert (Evidence.objects.count(), lying(folder)) == (2, [])


def test_same_evidence_twice_is_refused_by_the_database_too(world):
    (row,) = add(world, world.started())
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_withdrawn_evidence_may_be_given_again(world):
    matter = world.started()
    for _ in range(2):
        (row,) = add(world, matter)
        withdraw_evidence(row, reason="传错了", by=world.liaison("教育局"), now=world.now)
    add(world, matter, NewPaper("甲柜", "合同"), NewPaper("乙柜", "合同"))
    assert Evidence.objects.standing().count() == 2


def test_nothing_given_is_refused(world):
    with pytest.raises(Invalid) as refusal:
        add_evidence(world.started(), unit=world.unit("教育局"), given=[], by=world.liaison("教育局"), now=world.now)
    assert refusal.value.message == "请选择文件，或填写链接、纸质材料。"


def test_who_may_not_add(world, folder):
    matter = world.started(supports=("住建局",))
    for actor in (
        world.liaison("财政局"),
        world.liaison("住建局"),
        world.liaison("教育局", role="responsible"),
        holder("director", jurisdiction=world.county),
        holder("leader", jurisdiction=world.county),
        holder("government_head", jurisdiction=world.county),
        Actor(name="无"),
    ):
        with pytest.raises(NotAllowed):
            add(world, matter, by=actor, behalf=Behalf(Channel.PAPER, "周一"))
    with pytest.raises(NotFound):
        add(world, matter, unit="财政局")
    for actor in (world.liaison("教育局"), holder("director", jurisdiction=world.county), Actor(name="无")):
        with pytest.raises(NotAllowed):
            add(world, matter, unit=None, by=actor)
    assert nothing_added(folder)


def test_office_adds_for_a_unit_and_says_how_it_came(world):
    matter = world.started()
    with pytest.raises(Invalid) as refusal:
        add(world, matter, by=world.officer)
    assert refusal.value.field == "channel"
    with pytest.raises(Invalid) as refusal:
        add(world, matter, by=world.officer, behalf=Behalf(Channel.PAPER, " "))
    assert refusal.value.field == "informant"
    with pytest.raises(Invalid):
        add(world, matter, behalf=Behalf(Channel.PAPER, "周一"))
    (row,) = add(world, matter, by=world.officer, behalf=Behalf(Channel.PAPER, "周一"))
    assert (row.unit.name, row.channel, row.informant, row.added_by_name) == ("教育局", "paper", "周一", "督查员甲")
    assert Event.objects.get(name="evidence.added").data["informant"] == "周一"


def test_office_and_leader_add_their_own(world):
    leader = world.post(None, "副区长", "吴一", kind="leader")
    matter = world.started(overseers=[NewOverseer(leader)])
    overseer = holder("leader", jurisdiction=world.county, post_ids=[leader.pk], name="吴一")
    with pytest.raises(Invalid):
        add(world, matter, unit=None, by=world.officer, behalf=Behalf(Channel.PAPER, "周一"))
    (photo,) = add(world, matter, file("现场.png", picture()), unit=None, by=world.officer)
    (note,) = add(world, matter, PAPER, unit=None, by=overseer)
    assert (photo.unit, note.added_by_name) == (None, "吴一")
    assert Event.objects.filter(name="evidence.added").first().data["unit_id"] is None
    with pytest.raises(WrongState):
        add(world, matter, PAPER, unit=None, by=world.officer)
    with pytest.raises(NotAllowed):
        withdraw_evidence(note, reason="重复了", by=overseer, now=world.now)
    withdraw_evidence(note, reason="重复了", by=world.officer, now=world.now)
    assert Evidence.objects.standing().get() == photo


def test_only_a_matter_in_hand_takes_evidence(world, folder):
    paused = suspend(world.started(), reason="等待批复", approval=world.approval(), by=world.office_head, now=world.now)
    for matter in (paused, world.closed(), world.registered()):
        with pytest.raises(WrongState) as refusal:
            add(world, matter)
        assert "当前不在办理中，不能提交佐证材料。" in refusal.value.message
    assert nothing_added(folder)
    add(world, world.assigned())
    add(world, world.closing())


def test_nothing_is_added_when_the_audit_fails(world, folder, monkeypatch):
    matter = world.started()

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(actions, "record_many", fail)
    with pytest.raises(RuntimeError):
        add(world, matter)
    assert nothing_added(folder)


# ---- withdrawing, holding


def test_withdrawn_evidence_stays_on_record_with_its_reason(world, folder):
    (row,) = add(world, world.started())
    later = world.now + timedelta(hours=1)
    withdraw_evidence(row, reason=" 传错了\n文件 ", by=world.liaison("教育局"), now=later)
    row.refresh_from_db()
    assert (row.withdrawn_at, row.withdrawn_by_name, row.withdrawn_reason) == (later, "教育局联络员", "传错了 文件")
    assert lying(folder) == [row.digest]
    event = Event.objects.get(name="evidence.withdrawn")
    assert event.data == {
        "unit": "教育局",
        "unit_id": world.unit("教育局").pk,
        "kind": "file",
        "title": "验收报告",
        "reason": "传错了 文件",
    }
    with pytest.raises(WrongState):
        withdraw_evidence(row, reason="再来一次", by=world.officer, now=later)
    assert Event.objects.filter(name="evidence.withdrawn").count() == 1


def test_who_may_withdraw(world):
    matter = world.started(supports=("住建局",))
    (row,) = add(world, matter, unit="住建局")
    leaders = [holder(role, jurisdiction=world.county) for role in ("leader", "government_head")]
    for actor in (world.liaison("教育局"), *leaders, holder("director", jurisdiction=world.county), Actor(name="无")):
        with pytest.raises(NotAllowed):
            withdraw_evidence(row, reason="不是我们的", by=actor, now=world.now)
    with pytest.raises(Invalid):
        withdraw_evidence(row, reason=" ", by=world.officer, now=world.now)
    assert Evidence.objects.standing().count() == 1
    withdraw_evidence(row, reason="传错了", by=world.officer, now=world.now)


def test_what_a_closure_is_judged_by_or_rests_on_stays(world):
    matter = world.started()
    first, second = add(world, matter, file(), LINK)
    matter = ask_to_close(matter, statement="已经全部建成。", by=world.officer, now=world.now)
    with pytest.raises(WrongState):
        withdraw_evidence(first, reason="传错了", by=world.officer, now=world.now)
    matter = return_closure(matter, reasons="补充材料", by=world.office_head, now=world.now)
    with pytest.raises(NotAllowed):
        hold_evidence(matter, ids=[first.pk], by=world.officer, now=world.now)
    assert hold_evidence(matter, ids=[first.pk], by=world.office_head, now=world.now) == 1
    with pytest.raises(WrongState):
        withdraw_evidence(first, reason="传错了", by=world.officer, now=world.now)
    withdraw_evidence(second, reason="传错了", by=world.officer, now=world.now)
    with pytest.raises(WrongState), transaction.atomic():
        hold_evidence(matter, ids=[first.pk, second.pk], by=world.office_head, now=world.now)


# ---- reading


def test_who_sees_which_evidence(world):
    leader = world.post(None, "副区长", "吴一", kind="leader")
    matter = world.started(leads=("教育局", "财政局"), supports=("住建局",), overseers=[NewOverseer(leader)])
    for unit in ("教育局", "财政局", "住建局"):
        add(world, matter, unit=unit)
    add(world, matter, unit=None, by=world.officer)
    seen = {
        name: [one.unit.name if one.unit else "督查室" for one in evidence_of(actor, matter=matter)]
        for name, actor in {
            "office": world.officer,
            "overseer": holder("leader", jurisdiction=world.county, post_ids=[leader.pk]),
            "merging": world.liaison("教育局"),
            "other lead": world.liaison("财政局"),
            "support": world.liaison("住建局"),
            "stranger": world.liaison("交通局"),
            "nobody": Actor(name="无"),
        }.items()
    }
    all_of_it = ["教育局", "财政局", "住建局", "督查室"]
    assert seen == {
        "office": all_of_it,
        "overseer": all_of_it,
        "merging": all_of_it,
        "other lead": ["财政局"],
        "support": ["住建局"],
        "stranger": [],
        "nobody": [],
    }


def test_facts_of_matters_count_what_stands(world, django_assert_num_queries):
    matter, other, bare = world.started(supports=("住建局",)), world.started(), world.started()
    add(world, matter, file(), LINK, now=world.now - timedelta(days=3))
    add(world, matter, unit="住建局")
    late = world.now + timedelta(days=1)
    (gone,) = add(world, matter, unit=None, by=world.officer, now=late)
    add(world, other, PAPER, unit=None, by=world.officer, now=late)
    withdraw_evidence(gone, reason="传错了", by=world.officer, now=late)
    own, support = world.unit("教育局").pk, world.unit("住建局").pk
    with django_assert_num_queries(1):
        facts = evidence_facts([matter.pk, other.pk, bare.pk])
    assert facts == {
        matter.pk: EvidenceFacts(3, date(2020, 2, 3), {own: 2, support: 1}),
        other.pk: EvidenceFacts(1, date(2020, 2, 4), {None: 1}),
        bare.pk: EvidenceFacts(0, None, {}),
    }


@pytest.mark.parametrize("number", [1, 3])
def test_evidence_costs_one_statement(world, number, django_assert_num_queries):
    matter = world.started()
    for place in range(number):
        add(world, matter, NewPaper(f"{place}柜", "合同"))
    with django_assert_num_queries(1):
        assert [one.unit.name for one in evidence_of(world.officer, matter=matter)] == ["教育局"] * number


def test_what_was_given_with_a_thing_is_found_by_it(world):
    matter = world.started()
    entry = enter_progress(
        matter, unit=world.unit("教育局"), said=Said(sentence="已封顶。"), by=world.liaison("教育局"), now=world.now
    )
    first, second = add(world, matter, file(), LINK, subject=entry)
    add(world, matter, PAPER)
    found = by_subject(evidence_of(world.officer, matter=matter))
    assert found == {("progress", entry.pk): [first, second]}
    assert Matter.objects.get(pk=matter.pk).version == matter.version
