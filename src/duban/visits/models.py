"""Tables of visits. Nothing is overwritten: an answer, a result, a draw that no longer holds stays beside the next."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from duban.access.rules import LEADER_ROLES, OFFICE_ROLES, WHOLE_UNIT_ROLES
from duban.core.actor import Actor
from duban.core.constraints import all_or_none, together
from duban.matters.models import Approval, Matter, Overseer, Plan
from duban.matters.rules import CHANNEL_LABELS, SUPERVISION_TYPE_LABELS, Channel, SupervisionType
from duban.orgs.models import Jurisdiction, Person, Unit
from duban.visits.rules import (
    CHECK_METHOD_LABELS,
    CLAIM_SOURCE_LABELS,
    KEY_LENGTH,
    NAME_LENGTH,
    NUMBER_LENGTH,
    PLACE_LENGTH,
    REASON_LENGTH,
    RECTIFYING_STATE_LABELS,
    RECTIFYING_STEP_LABELS,
    RESULT_LABELS,
    SEEN_BY_UNITS,
    TAKEN_STATE_LABELS,
    TITLE_LENGTH,
    TOOK_PLACE,
    VISIT_KIND_LABELS,
    VISIT_STATE_LABELS,
    CheckMethod,
    ClaimSource,
    RectifyingState,
    RectifyingStep,
    Result,
    TakenState,
    VisitKind,
    VisitState,
)

_CHANNELS = [(one.value, CHANNEL_LABELS[one]) for one in Channel]
_KINDS = [(one.value, VISIT_KIND_LABELS[one]) for one in VisitKind]
_METHODS = [(one.value, CHECK_METHOD_LABELS[one]) for one in CheckMethod]
_TYPES = [(one.value, SUPERVISION_TYPE_LABELS[one]) for one in SupervisionType]
_RESULTS = [(one.value, RESULT_LABELS[one]) for one in Result]


class PlannedCheck(models.Model):
    """督查计划的一项: a check the year's plan foresees: which units, by which method, when and why.

    approval: null until the plan, or this addition to it, is approved.   dropped_reason: why it is not held after all.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="planned_checks")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="planned_checks")
    kind = models.CharField(max_length=12, choices=_KINDS)
    supervision_type = models.CharField("督查类型", max_length=14, choices=_TYPES)
    title = models.CharField("名称", max_length=TITLE_LENGTH)
    purpose = models.TextField("目的")
    method = models.CharField("方式", max_length=14, choices=_METHODS)
    first_on = models.DateField("开始")
    last_on = models.DateField("结束")
    units = models.ManyToManyField(Unit, related_name="planned_checks")
    approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT, related_name="planned_checks")
    planned_at = models.DateTimeField()
    planned_by_name = models.CharField(max_length=40)
    dropped_at = models.DateTimeField(null=True)
    dropped_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    dropped_by_name = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = "督查计划"
        ordering: ClassVar = ["first_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="planned_check_ends_after_start"),
            models.CheckConstraint(
                condition=together("dropped_at", "dropped_reason"), name="planned_check_dropped_with_reason"
            ),
            models.CheckConstraint(condition=~Q(title="") & ~Q(purpose=""), name="planned_check_says_why"),
        ]

    def __str__(self) -> str:
        return self.title


class Draw(models.Model):
    """抽取: how a year's verification list came about, whole enough to be drawn again by anybody.

    pools: {"named", "red", "closed": [key]}, as they stood on `as_of`; the keys are the matters' names in the ledger.
    seed, pct: what the random part follows from.   replaced_*: a later draw took its place, with the reason.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="draws")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="draws")
    number = models.IntegerField()
    seed = models.CharField("种子", max_length=KEY_LENGTH)
    pct = models.IntegerField("随机抽取比例")
    as_of = models.DateField()
    pools = models.JSONField()
    drawn_at = models.DateTimeField()
    drawn_by_name = models.CharField(max_length=40)
    reason = models.CharField("重抽的理由", max_length=REASON_LENGTH, blank=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "核验名单"
        ordering: ClassVar = ["number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="draw_number_once"),
            models.UniqueConstraint(fields=["plan"], condition=Q(replaced_at__isnull=True), name="one_draw_a_plan"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="drawn_again_with_reason"),
            models.CheckConstraint(condition=~Q(seed=""), name="draw_has_a_seed"),
        ]

    def __str__(self) -> str:
        return f"{self.plan.year}年度察访核验名单"


class DrawnMatter(models.Model):
    """名单上的一项. why: every reason, of `rules.Why`.   lot: its lot, where it was drawn at random."""

    draw = models.ForeignKey(Draw, on_delete=models.CASCADE, related_name="rows")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="drawn_in")
    key = models.CharField(max_length=40)
    why = models.JSONField(default=list)
    lot = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "名单上的事项"
        ordering: ClassVar = ["matter__order", "pk"]
        constraints = [models.UniqueConstraint(fields=["draw", "matter"], name="matter_once_on_a_list")]

    def __str__(self) -> str:
        return self.key


class VisitQuerySet(models.QuerySet["Visit"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "VisitQuerySet":
        """Visits the actor may see: offices all of their place; units and leaders those they have a matter on.

        They are unannounced: nobody but the office sees one before it took place and its results are confirmed.
        """
        office = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
        if None in office:
            return self.all()
        wanted = Q(jurisdiction_id__in=office) if office else Q(pk__in=[])
        units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
        posts = {post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids}
        seen = Q(pk__in=[])
        if units:
            seen |= Q(pk__in=Visit.units.through.objects.filter(unit_id__in=units).values("visit_id"))
        if posts:
            led = Overseer.objects.filter(post_id__in=posts).values("matter_id")
            seen |= Q(pk__in=VisitItem.objects.filter(matter_id__in=led).values("visit_id"))
        return self.filter(wanted | (seen & Q(state__in=SEEN_BY_UNITS)))


class Visit(models.Model):
    """一次实地考查或察访核验: one way to a place and its units, for many matters.

    check: of the year's plan; without one unplanned_reason says why it is held.   draw: whose list a 察访核验 serves.
    purpose, method, scope, supervision_type, first_on, last_on and the verifiers are its 督查方案; none goes without.
    visited_on: the day somebody was there.   is_by_office: the evaluation office went, its results were taken in.
    version: counts up with each change of it, its matters, its answers.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="visits")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="visits")
    kind = models.CharField(max_length=12, choices=_KINDS)
    state = models.CharField(
        max_length=10,
        choices=[(one.value, VISIT_STATE_LABELS[one]) for one in VisitState],
        default=VisitState.PREPARED,
    )
    check_of = models.ForeignKey(PlannedCheck, null=True, on_delete=models.PROTECT, related_name="visits")
    unplanned_reason = models.CharField("计划外的理由", max_length=REASON_LENGTH, blank=True)
    draw = models.ForeignKey(Draw, null=True, on_delete=models.PROTECT, related_name="visits")
    title = models.CharField("名称", max_length=TITLE_LENGTH)
    place = models.CharField("地点", max_length=PLACE_LENGTH)
    supervision_type = models.CharField("督查类型", max_length=14, choices=_TYPES)
    method = models.CharField("方式", max_length=14, choices=_METHODS)
    purpose = models.TextField("目的")
    scope = models.TextField("内容和范围")
    first_on = models.DateField("开始")
    last_on = models.DateField("结束")
    units = models.ManyToManyField(Unit, related_name="visits")
    version = models.IntegerField(default=1)
    prepared_at = models.DateTimeField()
    prepared_by_name = models.CharField(max_length=40)
    approved_at = models.DateTimeField(null=True)
    approved_by_name = models.CharField(max_length=40, blank=True)
    visited_on = models.DateField("到场日期", null=True)
    is_by_office = models.BooleanField(default=False)
    held_at = models.DateTimeField(null=True)
    held_by_name = models.CharField(max_length=40, blank=True)
    sent_back_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by_name = models.CharField(max_length=40, blank=True)
    facts = models.TextField("事实和证据", blank=True)
    opinion = models.TextField("结论和要求", blank=True)
    concluded_at = models.DateTimeField(null=True)
    concluded_by_name = models.CharField(max_length=40, blank=True)
    dropped_at = models.DateTimeField(null=True)
    dropped_by_name = models.CharField(max_length=40, blank=True)
    dropped_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = "核验"
        ordering: ClassVar = ["first_on", "pk"]
        indexes = [models.Index(fields=["plan", "state"], name="visit_by_state")]
        constraints = [
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="visit_ends_after_start"),
            models.CheckConstraint(
                condition=~Q(purpose="") & ~Q(scope="") & ~Q(method="") & ~Q(title="") & ~Q(place=""),
                name="visit_has_its_scheme",
            ),
            models.CheckConstraint(
                condition=Q(check_of__isnull=False) | ~Q(unplanned_reason=""), name="visit_planned_or_explained"
            ),
            models.CheckConstraint(
                condition=Q(kind=VisitKind.VERIFICATION, draw__isnull=False)
                | Q(kind=VisitKind.ROUTINE, draw__isnull=True),
                name="verification_has_its_list",
            ),
            models.CheckConstraint(condition=together("approved_at", "approved_by_name"), name="visit_approved_by"),
            models.CheckConstraint(
                condition=Q(state__in=[VisitState.PREPARED, VisitState.DROPPED]) | Q(approved_at__isnull=False),
                name="visit_approved_before_held",
            ),
            models.CheckConstraint(
                condition=Q(state__in=TOOK_PLACE, visited_on__isnull=False, held_at__isnull=False)
                | (~Q(state__in=TOOK_PLACE) & Q(held_at__isnull=True)),
                name="visit_held_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state__in=SEEN_BY_UNITS, confirmed_at__isnull=False)
                | (~Q(state__in=SEEN_BY_UNITS) & Q(confirmed_at__isnull=True)),
                name="visit_confirmed_with_moment",
            ),
            models.CheckConstraint(
                condition=(Q(state=VisitState.CONCLUDED, concluded_at__isnull=False) & ~Q(facts="") & ~Q(opinion=""))
                | (~Q(state=VisitState.CONCLUDED) & Q(concluded_at__isnull=True)),
                name="visit_concluded_with_facts",
            ),
            models.CheckConstraint(
                condition=(Q(state=VisitState.DROPPED, dropped_at__isnull=False) & ~Q(dropped_reason=""))
                | (~Q(state=VisitState.DROPPED) & Q(dropped_at__isnull=True, dropped_reason="")),
                name="visit_dropped_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Verifier(models.Model):
    """核验人: who goes; none of the units concerned. person: where the directory knows them; employer: from where."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="verifiers")
    order = models.IntegerField(default=0)
    name = models.CharField("姓名", max_length=NAME_LENGTH)
    employer = models.CharField("单位", max_length=60)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="verifying")

    class Meta:
        verbose_name = "核验人"
        ordering: ClassVar = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["visit", "name", "employer"], name="verifier_once_on_a_visit")]

    def __str__(self) -> str:
        return f"{self.name}（{self.employer}）"


class VisitItem(models.Model):
    """核验的事项: one matter on one visit.

    unit: its merging lead, by which visits are grouped.   why: every reason, of `rules.Why`; note: of one the office
    added.   result: as it stands, of the last Finding; null until confirmed.   cured_on: the day its rectification was
    accepted; the finding stands all the same.
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="items")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="visit_items")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="visit_items")
    why = models.JSONField(default=list)
    note = models.CharField("列入的理由", max_length=REASON_LENGTH, blank=True)
    order = models.IntegerField(default=0)
    result = models.CharField(max_length=6, blank=True, choices=_RESULTS)
    cured_on = models.DateField(null=True)

    class Meta:
        verbose_name = "核验的事项"
        ordering: ClassVar = ["order", "pk"]
        indexes = [models.Index(fields=["matter"], name="visit_item_of_matter")]
        constraints = [models.UniqueConstraint(fields=["visit", "matter"], name="matter_once_on_a_visit")]

    def __str__(self) -> str:
        return str(self.matter)


class Claim(models.Model):
    """单位所报: one thing a unit said already, to be looked at. words: frozen when the visit was prepared."""

    item = models.ForeignKey(VisitItem, on_delete=models.CASCADE, related_name="claims")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="claims")
    order = models.IntegerField(default=0)
    source = models.CharField(max_length=8, choices=[(one.value, CLAIM_SOURCE_LABELS[one]) for one in ClaimSource])
    said_on = models.DateField(null=True)
    words = models.TextField("单位所报")
    look_at = models.CharField("核验要点", max_length=200, blank=True)

    class Meta:
        verbose_name = "单位所报"
        ordering: ClassVar = ["order", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="claim_says_something")]

    def __str__(self) -> str:
        return self.words[:40]


class Submission(models.Model):
    """一次报送的核验结果, as a phone (or a page) sent it. key: made by the device, so that sending twice counts once.

    written_at: by the device's clock.   outcome: what became of it, told again to whoever sends it again.
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="submissions")
    key = models.CharField(max_length=KEY_LENGTH)
    written_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    by_name = models.CharField(max_length=40)
    outcome = models.JSONField(default=dict)

    class Meta:
        verbose_name = "报送的核验结果"
        ordering: ClassVar = ["received_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["visit", "key"], name="submission_counts_once")]

    def __str__(self) -> str:
        return self.key


class Answer(models.Model):
    """逐条结果: what a verifier found of a claim. Each is a row; one stands, the others stay beside it.

    is_conflict: written without sight of the one that stood; nobody has chosen yet.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="answers")
    submission = models.ForeignKey(Submission, null=True, on_delete=models.PROTECT, related_name="answers")
    result = models.CharField(max_length=6, choices=_RESULTS)
    found = models.TextField("现场情况", blank=True)
    is_standing = models.BooleanField(default=False)
    is_conflict = models.BooleanField(default=False)
    answered_at = models.DateTimeField()
    answered_by_name = models.CharField(max_length=40)

    class Meta:
        verbose_name = "逐条结果"
        ordering: ClassVar = ["answered_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["claim"], condition=Q(is_standing=True), name="one_answer_stands"),
            models.CheckConstraint(
                condition=Q(is_standing=False) | Q(is_conflict=False), name="answer_stands_or_waits"
            ),
            models.CheckConstraint(condition=Q(result=Result.TRUE) | ~Q(found=""), name="answer_untrue_is_explained"),
        ]

    def __str__(self) -> str:
        return RESULT_LABELS[Result(self.result)]


class Finding(models.Model):
    """认定: the result of a matter on a visit; the first when it is confirmed, each later one changes it by a reason.

    words: what was found, in the verifiers' words, or why it was changed.
    """

    item = models.ForeignKey(VisitItem, on_delete=models.PROTECT, related_name="findings")
    number = models.IntegerField()
    result = models.CharField(max_length=6, choices=_RESULTS)
    words = models.TextField()
    found_on = models.DateField()
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=40)

    class Meta:
        verbose_name = "认定"
        ordering: ClassVar = ["item", "number"]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="finding_once"),
            models.CheckConstraint(condition=~Q(words=""), name="finding_says_why"),
        ]

    def __str__(self) -> str:
        return RESULT_LABELS[Result(self.result)]


class Rectification(models.Model):
    """整改: what a unit has to put right after a conclusion. demand: in the office's words."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="rectifications")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="rectifications")
    demand = models.TextField("整改要求")
    state = models.CharField(
        max_length=9,
        choices=[(one.value, RECTIFYING_STATE_LABELS[one]) for one in RectifyingState],
        default=RectifyingState.PLAN_OWED,
    )
    plan_due_on = models.DateField()
    report_due_on = models.DateField()
    asked_at = models.DateTimeField()

    class Meta:
        verbose_name = "整改"
        ordering: ClassVar = ["unit__order", "unit_id"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "unit"], name="unit_rectifies_a_visit_once"),
            models.CheckConstraint(condition=~Q(demand=""), name="rectification_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.unit}整改"


class RectificationStep(models.Model):
    """整改过程: a plan, a report, a re-check; each stays. channel, informant: how it reached the office."""

    rectification = models.ForeignKey(Rectification, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=8, choices=[(one.value, RECTIFYING_STEP_LABELS[one]) for one in RectifyingStep])
    text = models.TextField()
    done_on = models.DateField()
    channel = models.CharField(max_length=12, blank=True, choices=_CHANNELS)
    informant = models.CharField("报送人", max_length=40, blank=True)
    written_at = models.DateTimeField()
    written_by_name = models.CharField(max_length=40)

    class Meta:
        verbose_name = "整改过程"
        ordering: ClassVar = ["written_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="rectification_step_says_something"),
            models.CheckConstraint(condition=all_or_none("channel", "informant"), name="visit_rectification_told_by"),
        ]

    def __str__(self) -> str:
        return RECTIFYING_STEP_LABELS[RectifyingStep(self.kind)]


class Handover(models.Model):
    """移送: a lead on unlawful conduct handed to whom it concerns (§23); a record and an export, no more."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="handovers")
    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="handovers")
    recipient = models.CharField("移送单位", max_length=60)
    lead = models.TextField("线索")
    basis = models.CharField("批准依据", max_length=200)
    document_number = models.CharField("文号", max_length=NUMBER_LENGTH, blank=True)
    handed_on = models.DateField("移送日期")
    recorded_at = models.DateTimeField()
    recorded_by_name = models.CharField(max_length=40)

    class Meta:
        verbose_name = "线索移送"
        ordering: ClassVar = ["handed_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(lead="") & ~Q(recipient="") & ~Q(basis=""), name="handover_says_what_to_whom"
            )
        ]

    def __str__(self) -> str:
        return f"移送{self.recipient}"


class TakenResults(models.Model):
    """回收的核验结果: the exported list as the evaluation office filled it in, whole, previewed before it counts.

    rows: [{"row", "cells", "claim", "result", "found", "problem"}] as read.   outcome: what counting it changed.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="taken_results")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="taken_results")
    file_name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    state = models.CharField(
        max_length=9,
        choices=[(one.value, TAKEN_STATE_LABELS[one]) for one in TakenState],
        default=TakenState.PREVIEWED,
    )
    rows = models.JSONField(default=list)
    outcome = models.JSONField(default=dict)
    uploaded_at = models.DateTimeField()
    uploaded_by_name = models.CharField(max_length=40)
    settled_at = models.DateTimeField(null=True)
    settled_by_name = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = "回收的核验结果"
        ordering: ClassVar = ["uploaded_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=together("settled_at", "settled_by_name"), name="results_settled_by"),
        ]

    def __str__(self) -> str:
        return self.file_name
