"""Tables of interviews. Nothing is deleted: a proposal is dismissed, an application refused, a talk withdrawn, each
with a reason."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.access.rules import LEADER_ROLES, OFFICE_ROLES, WHOLE_UNIT_ROLES, Role
from duban.core.actor import Actor
from duban.core.constraints import all_or_none, together
from duban.evidence.models import ScanOfPaper
from duban.instructions.rules import ENTERED_AS_LABELS, EnteredAs
from duban.interviews.rules import (
    AFTER_TALK,
    FOLLOW_UP_LABELS,
    GROUND_LABELS,
    INTERVIEW_STATE_LABELS,
    LEVEL_LABELS,
    LINE_LENGTH,
    OUTCOME_LABELS,
    PAPER_LABELS,
    REASON_LENGTH,
    RESULT_LABELS,
    FollowUp,
    GroundKind,
    InterviewState,
    Level,
    Outcome,
    Paper,
    Result,
)
from duban.matters.models import Matter, Plan
from duban.matters.rules import CHANNEL_LABELS, Channel
from duban.orgs.models import Jurisdiction, Post, Unit

_CHANNELS = [(one.value, CHANNEL_LABELS[one]) for one in Channel]
_APPROVED = (InterviewState.APPROVED, InterviewState.NOTIFIED, *AFTER_TALK)
_NOTIFIED = (InterviewState.NOTIFIED, *AFTER_TALK)


class InterviewQuerySet(models.QuerySet["Interview"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "InterviewQuerySet":
        """Interviews the actor may see: the office all; the leader who approves, or who talks, and the secretary; the
        unit's head and contacts once they have the notice. Nobody else, whoever oversees the matters."""
        office = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
        if None in office:
            return self.all()
        wanted = Q(jurisdiction_id__in=office) if office else Q(pk__in=[])
        posts = {post_id for one in actor.holds(*LEADER_ROLES, Role.GOVERNMENT_HEAD) for post_id in one.post_ids}
        if posts:
            wanted |= Q(approver_id__in=posts) | Q(chair_id__in=posts)
        units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
        if units:
            wanted |= Q(unit_id__in=units, notified_at__isnull=False)
        return self.filter(wanted)


class Interview(models.Model):
    """约谈: one talk with one unit, from the application to the re-check.

    is_inviting: 商请面谈, never scored.   approver: the post of the leader whose approval it needs; chair: of the
    leader who talks, none at the first level; chair_name: as the notice names who talks.   version: counts up with
    every edit.   approved_as: by whose hand the approval was entered; approved_for_name: whose it is.
    starts_at, place, invited, attendants, prepare, basis: the plan of the talk (约谈方案), and what its notice says.
    number*: of the notice; minutes_number*: of the minutes; both without a gap per place and year.
    attending: whom the unit sends.   held_on: the day of the talk; held_at: when that was entered.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="interviews")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="interviews")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="interviews")
    level = models.IntegerField(choices=[(one.value, LEVEL_LABELS[one]) for one in Level])
    is_inviting = models.BooleanField("商请", default=False)
    state = models.CharField(
        max_length=10,
        choices=[(one.value, INTERVIEW_STATE_LABELS[one]) for one in InterviewState],
        default=InterviewState.APPLIED,
    )
    version = models.IntegerField(default=1)
    reason = models.TextField("申请理由")
    approver = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    chair = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    applied_on = models.DateField()
    applied_at = models.DateTimeField()
    applied_by_name = models.CharField(max_length=40)
    sent_back_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    approved_on = models.DateField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by_name = models.CharField(max_length=40, blank=True)
    approved_for_name = models.CharField(max_length=60, blank=True)
    approved_as = models.CharField(
        max_length=9, blank=True, choices=[(one.value, ENTERED_AS_LABELS[one]) for one in EnteredAs]
    )
    opinion = models.CharField("批准意见", max_length=REASON_LENGTH, blank=True)
    refused_at = models.DateTimeField(null=True)
    refused_by_name = models.CharField(max_length=40, blank=True)
    refused_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    arranged_at = models.DateTimeField(null=True)
    arranged_by_name = models.CharField(max_length=40, blank=True)
    starts_at = models.DateTimeField("约谈时间", null=True)
    place = models.CharField("地点", max_length=60, blank=True)
    chair_name = models.CharField("约谈人", max_length=60, blank=True)
    invited = models.CharField("约谈对象", max_length=LINE_LENGTH, blank=True)
    attendants = models.CharField("参加人员", max_length=LINE_LENGTH, blank=True)
    basis = models.TextField("依据", blank=True)
    prepare = models.TextField("有关准备", blank=True)
    postponed_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    notified_on = models.DateField(null=True)
    notified_at = models.DateTimeField(null=True)
    notified_by_name = models.CharField(max_length=40, blank=True)
    number = models.IntegerField(null=True)
    number_year = models.IntegerField(null=True)
    number_text = models.CharField("编号", max_length=60, blank=True)
    attending = models.CharField("参加人员", max_length=LINE_LENGTH, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by_name = models.CharField(max_length=40, blank=True)
    confirmed_channel = models.CharField(max_length=12, blank=True, choices=_CHANNELS)
    confirmed_informant = models.CharField(max_length=40, blank=True)
    held_on = models.DateField("约谈日期", null=True)
    held_at = models.DateTimeField(null=True)
    held_by_name = models.CharField(max_length=40, blank=True)
    minutes_on = models.DateField(null=True)
    minutes_at = models.DateTimeField(null=True)
    minutes_by_name = models.CharField(max_length=40, blank=True)
    minutes_number = models.IntegerField(null=True)
    minutes_number_year = models.IntegerField(null=True)
    settled_on = models.DateField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by_name = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=6, blank=True, choices=[(one.value, OUTCOME_LABELS[one]) for one in Outcome])
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_name = models.CharField(max_length=40, blank=True)
    withdrawn_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    objects = InterviewQuerySet.as_manager()

    class Meta:
        verbose_name = "约谈"
        ordering: ClassVar = ["applied_at", "pk"]
        indexes = [
            models.Index(fields=["jurisdiction", "state"], name="interview_by_state"),
            models.Index(fields=["unit", "state"], name="interview_of_unit"),
            models.Index(fields=["plan", "held_on"], name="interview_held"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "number_year", "number"],
                condition=Q(number__isnull=False),
                name="interview_number_once",
            ),
            models.UniqueConstraint(
                fields=["jurisdiction", "minutes_number_year", "minutes_number"],
                condition=Q(minutes_number__isnull=False),
                name="interview_minutes_number_once",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="interview_says_why"),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_on__isnull=True, approved_by_name="", approved_as="")
                | (
                    Q(approved_at__isnull=False, approved_on__isnull=False)
                    & ~Q(approved_by_name="")
                    & ~Q(approved_for_name="")
                    & ~Q(approved_as="")
                ),
                name="interview_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_APPROVED) | Q(approved_at__isnull=False), name="interview_never_unapproved"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_NOTIFIED) | Q(notified_at__isnull=False), name="interview_held_once_notified"
            ),
            models.CheckConstraint(
                condition=Q(notified_at__isnull=True, notified_on__isnull=True, number__isnull=True, number_text="")
                | (
                    Q(notified_at__isnull=False, notified_on__isnull=False, number__gte=1, number_year__isnull=False)
                    & Q(starts_at__isnull=False)
                    & ~Q(number_text="")
                    & ~Q(place="")
                    & ~Q(invited="")
                    & ~Q(chair_name="")
                ),
                name="interview_notified_with_number",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=AFTER_TALK) & Q(held_at__isnull=False, held_on__isnull=False))
                | (~Q(state__in=AFTER_TALK) & Q(held_at__isnull=True, held_on__isnull=True)),
                name="interview_held_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(minutes_at__isnull=True, minutes_on__isnull=True, minutes_number__isnull=True)
                | Q(
                    minutes_at__isnull=False,
                    minutes_on__isnull=False,
                    minutes_number__gte=1,
                    minutes_number_year__isnull=False,
                    held_at__isnull=False,
                ),
                name="interview_minutes_with_number",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state=InterviewState.SETTLED, settled_at__isnull=False, settled_on__isnull=False) & ~Q(outcome="")
                )
                | (~Q(state=InterviewState.SETTLED) & Q(settled_at__isnull=True, settled_on__isnull=True, outcome="")),
                name="interview_settled_with_outcome",
            ),
            models.CheckConstraint(
                condition=(Q(state=InterviewState.REFUSED, refused_at__isnull=False) & ~Q(refused_reason=""))
                | (~Q(state=InterviewState.REFUSED) & Q(refused_at__isnull=True, refused_reason="")),
                name="interview_refused_with_reason",
            ),
            models.CheckConstraint(
                condition=(Q(state=InterviewState.WITHDRAWN, withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""))
                | (~Q(state=InterviewState.WITHDRAWN) & Q(withdrawn_at__isnull=True, withdrawn_reason="")),
                name="interview_withdrawn_with_reason",
            ),
            models.CheckConstraint(
                condition=together("confirmed_at", "confirmed_by_name", "attending"),
                name="interview_attendance_names_people",
            ),
            models.CheckConstraint(
                condition=all_or_none("confirmed_channel", "confirmed_informant"),
                name="interview_attendance_told_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.number_text or f"{self.unit}{'商请面谈' if self.is_inviting else LEVEL_LABELS[Level(self.level)]}"


class DecisionScan(ScanOfPaper):
    """批示件扫描件: the paper on which a leader decided an application, kept as it was entered with the decision.

    number: the first of an interview is 1; what was sent back and decided again has several.
    """

    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="decision_scans")
    number = models.IntegerField()
    decided_on = models.DateField("批示日期")

    class Meta:
        verbose_name = "批示件扫描件"
        ordering: ClassVar = ["number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["interview", "number"], name="decision_scan_once"),
            models.CheckConstraint(
                condition=~Q(digest="") & ~Q(given_digest="") & Q(size_bytes__gt=0, number__gte=1),
                name="decision_scan_is_whole",
            ),
        ]


class Dismissal(models.Model):
    """不予提起: a proposal that the office did not follow, with a reason; its grounds are never proposed again."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="interview_dismissals")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="interview_dismissals")
    level = models.IntegerField(choices=[(one.value, LEVEL_LABELS[one]) for one in Level])
    reason = models.CharField("理由", max_length=REASON_LENGTH)
    dismissed_on = models.DateField()
    dismissed_at = models.DateTimeField()
    dismissed_by_name = models.CharField(max_length=40)

    class Meta:
        verbose_name = "不予提起的约谈"
        ordering: ClassVar = ["dismissed_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="interview_dismissal_says_why")]

    def __str__(self) -> str:
        return f"{self.unit}不予提起约谈"


class InterviewGround(models.Model):
    """约谈事由: one ground about one matter, of an interview or of a dismissed proposal; the same ground only once.

    figures: what it rests on, frozen; words: in a sentence.   since: the day it arose.   matter: none where a leader
    asks for a talk about the work as a whole.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    interview = models.ForeignKey(Interview, null=True, on_delete=models.PROTECT, related_name="grounds")
    dismissal = models.ForeignKey(Dismissal, null=True, on_delete=models.PROTECT, related_name="grounds")
    kind = models.CharField(max_length=10, choices=[(one.value, GROUND_LABELS[one]) for one in GroundKind])
    key = models.CharField(max_length=120)
    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="interview_grounds")
    since = models.DateField()
    figures = models.JSONField(default=dict)
    words = models.TextField()

    class Meta:
        verbose_name = "约谈事由"
        ordering: ClassVar = ["since", "matter__order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "key"], name="interview_ground_once"),
            models.CheckConstraint(
                condition=Q(interview__isnull=False, dismissal__isnull=True)
                | Q(interview__isnull=True, dismissal__isnull=False),
                name="interview_ground_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(matter__isnull=False) | Q(kind=GroundKind.HAND), name="interview_ground_names_its_matter"
            ),
            models.CheckConstraint(condition=~Q(words=""), name="interview_ground_says_why"),
        ]

    def __str__(self) -> str:
        return self.words


class TalkRecord(models.Model):
    """约谈记录: what was said; the minutes are drawn from it. It may be mended until they are issued.

    present, absent: names with their units.   reasons, explanation, undertaking: a paragraph a line.
    """

    interview = models.OneToOneField(Interview, on_delete=models.PROTECT, related_name="talk")
    place = models.CharField("地点", max_length=60)
    chair_name = models.CharField("主持", max_length=60)
    present = models.CharField("出席", max_length=LINE_LENGTH)
    absent = models.CharField("请假", max_length=LINE_LENGTH, blank=True)
    recorder = models.CharField("记录", max_length=40)
    reasons = models.TextField("约谈原因")
    explanation = models.TextField("单位说明")
    undertaking = models.TextField("单位承诺")

    class Meta:
        verbose_name = "约谈记录"
        constraints = [
            models.CheckConstraint(
                condition=~Q(present="") & ~Q(recorder="") & ~Q(reasons="") & ~Q(explanation="") & ~Q(undertaking=""),
                name="talk_record_is_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.interview}约谈记录"


class Demand(models.Model):
    """约谈要求: what is demanded, of whom, by when (none where no day was set)."""

    talk = models.ForeignKey(TalkRecord, on_delete=models.CASCADE, related_name="demands")
    order = models.IntegerField()
    words = models.CharField("要求", max_length=LINE_LENGTH)
    unit_name = models.CharField("责任单位", max_length=60)
    due_on = models.DateField("完成时间", null=True)

    class Meta:
        verbose_name = "约谈要求"
        ordering: ClassVar = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["talk", "order"], name="demand_order_once"),
            models.CheckConstraint(condition=~Q(words="") & ~Q(unit_name=""), name="demand_says_what_of_whom"),
        ]

    def __str__(self) -> str:
        return self.words


class Rectification(models.Model):
    """整改方案、整改报告: what the unit handed in; what comes after a return is a new row.

    channel, informant: how it reached the office that entered it, and whose it was.
    """

    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="rectifications")
    paper = models.CharField(max_length=6, choices=[(one.value, PAPER_LABELS[one]) for one in Paper])
    number = models.IntegerField()
    text = models.TextField("内容")
    handed_on = models.DateField()
    handed_at = models.DateTimeField()
    handed_by_name = models.CharField(max_length=40)
    channel = models.CharField(max_length=12, blank=True, choices=_CHANNELS)
    informant = models.CharField("报送人", max_length=40, blank=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by_name = models.CharField(max_length=40, blank=True)
    returned_at = models.DateTimeField(null=True)
    returned_by_name = models.CharField(max_length=40, blank=True)
    returned_reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        verbose_name = "整改材料"
        ordering: ClassVar = ["handed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["interview", "paper", "number"], name="rectification_once"),
            models.CheckConstraint(condition=~Q(text=""), name="rectification_says_something"),
            models.CheckConstraint(
                condition=all_or_none("channel", "informant"), name="rectification_told_by_somebody"
            ),
            models.CheckConstraint(
                condition=together("accepted_at", "accepted_by_name"), name="rectification_accepted_by_somebody"
            ),
            models.CheckConstraint(
                condition=together("returned_at", "returned_by_name", "returned_reason"),
                name="rectification_returned_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(returned_at__isnull=True), name="rectification_decided_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.interview}{PAPER_LABELS[Paper(self.paper)]}"


class Recheck(models.Model):
    """复查: what the office found of the rectification, and what comes after it; a further one is a new row."""

    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="rechecks")
    number = models.IntegerField()
    checked_on = models.DateField("复查日期")
    checked_by = models.CharField("复查人", max_length=60)
    findings = models.TextField("复查情况")
    result = models.CharField(max_length=7, choices=[(one.value, RESULT_LABELS[one]) for one in Result])
    follow_up = models.CharField(
        max_length=7, blank=True, choices=[(one.value, FOLLOW_UP_LABELS[one]) for one in FollowUp]
    )
    entered_at = models.DateTimeField()
    entered_by_name = models.CharField(max_length=40)

    class Meta:
        verbose_name = "复查"
        ordering: ClassVar = ["number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["interview", "number"], name="recheck_once"),
            models.CheckConstraint(condition=~Q(findings="") & ~Q(checked_by=""), name="recheck_says_what_and_who"),
            models.CheckConstraint(
                condition=Q(result=Result.MET, follow_up="") | (Q(result=Result.NOT_MET) & ~Q(follow_up="")),
                name="recheck_not_met_goes_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.interview}第{self.number}次复查"
