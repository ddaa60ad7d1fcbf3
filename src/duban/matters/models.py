"""Tables of the ledger. Nothing is overwritten without a trace: changes keep what stood before."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import In

from duban.access.rules import LEADER_ROLES, OFFICE_ROLES, UNIT_ROLES, WHOLE_UNIT_ROLES, Role
from duban.core.actor import Actor
from duban.core.constraints import together
from duban.matters.policy import figures_json, stored_figures
from duban.matters.rules import (
    CHANGE_LABELS,
    FORECAST_LABELS,
    KIND_LABELS,
    LIGHT_LABELS,
    OPEN_STATES,
    ORIGIN_LABELS,
    OVERSEER_RELATION_LABELS,
    OWED_ABOUT_A_THING,
    OWED_LABELS,
    OWED_STATE_LABELS,
    PART_LABELS,
    SETTING_LABELS,
    STATE_LABELS,
    SUPERVISION_TYPE_LABELS,
    ChangeKind,
    Forecast,
    Kind,
    Light,
    Origin,
    OverseerRelation,
    Owed,
    OwedState,
    Part,
    Sense,
    SettingKey,
    State,
    SupervisionType,
    numbered,
    short_name,
)
from duban.orgs.models import Jurisdiction, Post, Unit


class Policy(models.Model):
    """督查规则: one version of every figure, for one jurisdiction. A version is never edited, only followed."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="policies")
    name = models.CharField(max_length=60)
    number = models.IntegerField("版本")
    preset = models.CharField(max_length=30)
    figures = models.JSONField()
    effective_on = models.DateField()
    adopted_at = models.DateTimeField()
    adopted_by_name = models.CharField(max_length=40)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "督查规则"
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "number"], name="policy_number_once")]

    def values(self) -> dict[str, dict[str, Any]]:
        """Return every figure, {section: {name: value}}; what came later than this version is the preset's."""
        return figures_json(stored_figures(self.figures))

    def __str__(self) -> str:
        return f"{self.name} 第{self.number}版"


class PlanQuerySet(models.QuerySet["Plan"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "PlanQuerySet":
        """Plans of the jurisdictions where the actor holds any business role."""
        held = actor.holds(*OFFICE_ROLES, *LEADER_ROLES, *UNIT_ROLES)
        places = {one.jurisdiction_id for one in held}
        return self.all() if None in places else self.filter(jurisdiction_id__in=[one for one in places if one])


class Plan(models.Model):
    """年度台账: one jurisdiction, one year, with the policy in force.

    closed_at: since when nothing of it may be changed (年度办结); the records of closing stand in archives.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="plans")
    year = models.IntegerField("年度")
    title = models.CharField("名称", max_length=200)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="plans")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by_name = models.CharField(max_length=40, blank=True)
    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = "年度台账"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "year"], name="plan_once_a_year"),
            models.CheckConstraint(condition=together("closed_at", "closed_by_name"), name="plan_closed_by_somebody"),
        ]

    def __str__(self) -> str:
        return self.title


class PlanPolicy(models.Model):
    """所用规则: from when on a plan followed a version of the policy. The last row is the plan's own."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="policies")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")
    held_from = models.DateTimeField()

    class Meta:
        verbose_name = "台账所用规则"
        ordering: ClassVar = ["held_from", "pk"]

    def __str__(self) -> str:
        return f"{self.plan} {self.policy}"


class PlanSetting(models.Model):
    """What the notice itself fixes for the plan, with the sentence it came from."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="settings")
    key = models.CharField(max_length=30, choices=[(one.value, SETTING_LABELS[one]) for one in SettingKey])
    value = models.JSONField()
    sentence = models.TextField(blank=True)
    source_line = models.IntegerField(null=True)

    class Meta:
        verbose_name = "台账设置"
        constraints = [models.UniqueConstraint(fields=["plan", "key"], name="plan_setting_once")]

    def __str__(self) -> str:
        return SETTING_LABELS[SettingKey(self.key)]


class Approval(models.Model):
    """The decision a step rests on: who approved, when, by which document."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    basis = models.CharField("依据", max_length=200)
    approved_by_name = models.CharField("批准人", max_length=60)
    approved_on = models.DateField("批准日期")
    document_number = models.CharField("文号", max_length=60, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by_name = models.CharField(max_length=40)

    class Meta:
        verbose_name = "审批记录"

    def __str__(self) -> str:
        return "，".join(part for part in (self.basis, self.document_number) if part)


class MatterQuerySet(models.QuerySet["Matter"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "MatterQuerySet":
        """Matters the actor may see.

        Offices see their jurisdiction; a leader (and the secretary) what the leader's posts oversee; a unit's head
        and contacts what the unit leads or supports, other responsible persons what their own post answers for, once it
        is handed out and as long as they have that part; what leaders oversee is seen once registered; the three
        administrators nothing.
        """
        office = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
        if None in office:
            return self.all()
        wanted = Q(jurisdiction_id__in=office) if office else Q(pk__in=[])
        assignments = Q(pk__in=[])
        units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
        if units:
            assignments |= Q(unit_id__in=units)
        own_posts = {post_id for one in actor.holds(Role.RESPONSIBLE) for post_id in one.post_ids}
        if own_posts:
            assignments |= Q(post_id__in=own_posts)
        if units or own_posts:
            theirs = Q(pk__in=Assignment.objects.filter(assignments, ended_at=None).values("matter_id"))
            wanted |= theirs & Q(assigned_at__isnull=False)
        leader_posts = {post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids}
        if leader_posts:
            wanted |= Q(pk__in=Overseer.objects.filter(post_id__in=leader_posts).values("matter_id")) & ~Q(
                state=State.DRAFT
            )
        return self.filter(wanted)

    def open(self) -> "MatterQuerySet":
        """Matters still being worked on."""
        return self.filter(state__in=OPEN_STATES)


class Matter(models.Model):
    """督查事项. `version` guards against overwriting; every edit counts it up.

    source: where the text stands in the notice: {"line": int, "page": int | null}; null without a notice.
    progress_*, forecast*: what the lead units say last, and for which day; the entries themselves stand in progress.
    untrue_on: the day a report on it was found untrue, while that finding is open.
    light … light_key: set by `lights.actions.judge` alone (and turned by its daily round): the light by the rules,
    since when, the days it is lit, yellow and red if nothing happens and the next of these, why, and what judging goes
    on from: the day of the last, the day since which it was yellow without a break until then, the facts' key.
    light_override: the light the office shows instead, with its reason in `lights.Override`.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="matters")
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="matters")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="work_items")
    carried_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="carried_to")
    serial = models.CharField("序号", max_length=20, blank=True)
    order = models.FloatField(default=0)
    origin = models.CharField("来源", max_length=12, choices=[(one.value, ORIGIN_LABELS[one]) for one in Origin])
    supervision_type = models.CharField(
        "督查类型",
        max_length=14,
        choices=[(one.value, SUPERVISION_TYPE_LABELS[one]) for one in SupervisionType],
        default=SupervisionType.DAILY,
    )
    title = models.CharField("标题", max_length=200, blank=True)
    section = models.CharField("所属板块", max_length=200, blank=True)
    text = models.TextField("具体目标任务")
    kind = models.CharField("类别", max_length=12, choices=[(one.value, KIND_LABELS[one]) for one in Kind])
    field = models.CharField("领域", max_length=20, blank=True)
    is_livelihood = models.BooleanField("民生", default=False)
    is_weakness = models.BooleanField("短板", default=False)
    deadline_text = models.CharField("完成时限", max_length=100, blank=True)
    starts_on = models.DateField("起始日期")
    due_on = models.DateField("办结时限")
    state = models.CharField("状态", max_length=14, choices=[(one.value, STATE_LABELS[one]) for one in State])
    state_before_pause = models.CharField(max_length=14, blank=True)
    approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT, related_name="registered_matters")
    registered_at = models.DateTimeField(null=True)
    assigned_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    closing_asked_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by_name = models.CharField(max_length=40, blank=True)
    first_closed_on = models.DateField(null=True)
    progress_pct = models.DecimalField("进展", max_digits=5, decimal_places=2, null=True)
    progress_on = models.DateField(null=True)
    forecast = models.CharField(
        "自我预判", max_length=10, blank=True, choices=[(one.value, FORECAST_LABELS[one]) for one in Forecast]
    )
    forecast_on = models.DateField(null=True)
    untrue_on = models.DateField(null=True)
    light = models.CharField("灯", max_length=6, blank=True, choices=[(one.value, LIGHT_LABELS[one]) for one in Light])
    light_since = models.DateField(null=True)
    lit_on = models.DateField(null=True)
    yellow_on = models.DateField(null=True)
    red_on = models.DateField(null=True)
    next_on = models.DateField(null=True)
    light_reasons = models.JSONField(default=list)
    judged_on = models.DateField(null=True)
    yellow_since = models.DateField(null=True)
    light_key = models.CharField(max_length=16, blank=True)
    light_override = models.CharField(
        "督查室改判", max_length=6, blank=True, choices=[(one.value, LIGHT_LABELS[one]) for one in Light]
    )
    source = models.JSONField(null=True)
    note = models.TextField("备注", blank=True)
    pinyin = models.TextField(blank=True)
    initials = models.TextField(blank=True)
    version = models.IntegerField(default=1)
    objects = MatterQuerySet.as_manager()

    class Meta:
        verbose_name = "督查事项"
        ordering: ClassVar = ["order", "pk"]
        indexes = [
            models.Index(fields=["jurisdiction", "plan", "order"], name="matter_in_order"),
            models.Index(fields=["plan", "state"], name="matter_by_state"),
            models.Index(fields=["plan", "origin", "parent", "serial"], name="matter_by_serial"),
            models.Index(fields=["next_on"], name="matter_by_next_light", condition=Q(next_on__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.DRAFT, registered_at__isnull=True)
                | (~Q(state=State.DRAFT) & Q(registered_at__isnull=False, approval__isnull=False)),
                name="matter_registered_with_approval",
            ),
            models.CheckConstraint(
                condition=(Q(state=State.CLOSED) & Q(closed_at__isnull=False) & ~Q(closed_by_name=""))
                | (~Q(state=State.CLOSED) & Q(closed_at__isnull=True, closed_by_name="")),
                name="matter_closed_with_person",
            ),
            models.CheckConstraint(
                condition=(Q(state=State.SUSPENDED) & ~Q(state_before_pause=""))
                | (~Q(state=State.SUSPENDED) & Q(state_before_pause="")),
                name="matter_pause_remembers",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.CLOSING) | Q(closing_asked_at__isnull=False), name="matter_closing_with_day"
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("starts_on")), name="matter_due_after_start"),
            models.CheckConstraint(
                condition=Q(progress_pct__isnull=True, progress_on__isnull=True)
                | Q(progress_pct__gte=0, progress_pct__lte=100, progress_on__isnull=False),
                name="matter_progress_with_day",
            ),
            models.CheckConstraint(
                condition=Q(forecast="", forecast_on__isnull=True) | (~Q(forecast="") & Q(forecast_on__isnull=False)),
                name="matter_forecast_with_day",
            ),
            models.CheckConstraint(
                condition=Q(next_on__isnull=True)
                | Q(lit_on__isnull=False, next_on=F("lit_on"))
                | Q(yellow_on__isnull=False, next_on=F("yellow_on"))
                | Q(red_on__isnull=False, next_on=F("red_on")),
                name="matter_next_light_is_its_own",
            ),
            models.CheckConstraint(
                condition=Q(yellow_on__isnull=True) | Q(red_on__isnull=True) | Q(yellow_on__lt=F("red_on")),
                name="matter_yellow_before_red",
            ),
            models.CheckConstraint(
                condition=Q(light="", light_since__isnull=True, light_override="")
                | Q(light__in=list(Light), light_since__isnull=False),
                name="matter_light_with_day",
            ),
            models.CheckConstraint(
                condition=~Q(light=Light.RED) | Q(red_on__isnull=False, next_on__isnull=True),
                name="matter_red_is_the_last",
            ),
        ]

    def __str__(self) -> str:
        return short_name(serial=self.serial, heading=self.title or self.text)

    @property
    def numbered(self) -> str:
        """Its number in words, empty where it has none: where its title follows."""
        return numbered(self.serial)


class Assignment(models.Model):
    """牵头、协办: a unit on a matter. `is_merging` marks the lead that merges (汇总单位).

    responsible_*: 责任领导、具体责任人、措施, given when the unit acknowledges.
    refusal_*: a unit may refuse once with a reason; the office decides.
    """

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="assignments")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="assignments")
    part = models.CharField(max_length=8, choices=[(one.value, PART_LABELS[one]) for one in Part])
    order = models.IntegerField(default=0)
    is_merging = models.BooleanField(default=False)
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="assignments")
    qualifier = models.CharField("说明", max_length=40, blank=True)
    from_group = models.CharField("所属统称", max_length=60, blank=True)
    due_on = models.DateField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by_name = models.CharField(max_length=40, blank=True)
    responsible_leader = models.CharField("责任领导", max_length=40, blank=True)
    responsible_person = models.CharField("具体责任人", max_length=40, blank=True)
    measures = models.TextField("措施", blank=True)
    refused_at = models.DateTimeField(null=True)
    refusal_reason = models.CharField(max_length=300, blank=True)
    refusal_upheld = models.BooleanField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "责任单位"
        ordering: ClassVar = ["part", "order", "pk"]
        indexes = [
            models.Index(
                fields=["refused_at"],
                condition=Q(refused_at__isnull=False, refusal_upheld__isnull=True),
                name="refusal_pending",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "unit"], condition=Q(ended_at__isnull=True), name="unit_once_on_a_matter"
            ),
            models.UniqueConstraint(
                fields=["matter"],
                condition=Q(is_merging=True, ended_at__isnull=True),
                name="matter_has_one_merging_lead",
            ),
            models.CheckConstraint(condition=Q(is_merging=False) | Q(part=Part.LEAD), name="only_a_lead_merges"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {PART_LABELS[Part(self.part)]}"


class NamedGroup(models.Model):
    """统称 as the notice names it on a matter: shown in its own words beside the members it was expanded to.

    is_settled: False while nobody has said which units are meant.
    """

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="named_groups")
    name = models.CharField(max_length=60)
    part = models.CharField(max_length=8, choices=[(one.value, PART_LABELS[one]) for one in Part])
    order = models.IntegerField(default=0)
    is_settled = models.BooleanField(default=True)

    class Meta:
        verbose_name = "事项中的统称"
        ordering: ClassVar = ["part", "order", "pk"]

    def __str__(self) -> str:
        return self.name


class Overseer(models.Model):
    """区分管或联系领导. The first decides and signs unless changed."""

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="overseers")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="oversees")
    relation = models.CharField(
        max_length=12,
        choices=[(one.value, OVERSEER_RELATION_LABELS[one]) for one in OverseerRelation],
        default=OverseerRelation.UNSPECIFIED,
    )
    order = models.IntegerField(default=0)

    class Meta:
        verbose_name = "分管或联系领导"
        ordering: ClassVar = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["matter", "post"], name="overseer_once_on_a_matter")]

    def __str__(self) -> str:
        return str(self.post)


class Target(models.Model):
    """量化目标. Amounts are multiplied out (4万 → 40000), percentages as printed (80, unit %)."""

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="targets")
    order = models.IntegerField(default=0)
    text = models.CharField(max_length=100)
    value = models.DecimalField(max_digits=20, decimal_places=4)
    upper = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    unit_of_measure = models.CharField(max_length=20, blank=True)
    sense = models.CharField(max_length=6, choices=[(one.value, one.value) for one in Sense])
    subject = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = "量化目标"
        ordering: ClassVar = ["order", "pk"]

    def __str__(self) -> str:
        return self.text


class Milestone(models.Model):
    """时间节点: a day and what is expected by then. expected_pct: 0–100, of the whole matter."""

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="milestones")
    title = models.CharField(max_length=100)
    due_on = models.DateField()
    expected_pct = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = "时间节点"
        ordering: ClassVar = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["matter", "due_on"], name="milestone_once_a_day"),
            models.CheckConstraint(condition=Q(expected_pct__gte=0, expected_pct__lte=100), name="milestone_pct"),
        ]

    def __str__(self) -> str:
        return self.title


class Obligation(models.Model):
    """应办事宜: anything owed, by whom, by when, and when it was met. The only home of due dates.

    subject: what it is about where that is neither matter nor assignment: {"type": str, "id": int}, as two columns.
    ended_at: when it was met or waived, so that what was owed at an earlier moment is known; None while it is open, and
    where it ended before that was written down.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="obligations")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="obligations")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="obligations")
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="obligations")
    matter = models.ForeignKey(Matter, null=True, on_delete=models.CASCADE, related_name="obligations")
    assignment = models.ForeignKey(Assignment, null=True, on_delete=models.CASCADE, related_name="obligations")
    kind = models.CharField(max_length=12, choices=[(one.value, OWED_LABELS[one]) for one in Owed])
    subject_type = models.CharField(max_length=20, blank=True)
    subject_id = models.BigIntegerField(null=True)
    title = models.CharField(max_length=120)
    due_on = models.DateField()
    state = models.CharField(
        max_length=8, choices=[(one.value, OWED_STATE_LABELS[one]) for one in OwedState], default=OwedState.OPEN
    )
    met_on = models.DateField(null=True)
    waived_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "应办事宜"
        ordering: ClassVar = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["unit", "state", "due_on"], name="owed_by_unit"),
            models.Index(fields=["matter", "state"], name="owed_on_matter"),
            models.Index(fields=["due_on"], condition=Q(state=OwedState.OPEN), name="owed_by_day"),
            models.Index(  # everything that is counted by unit and day: no row is looked up
                fields=["jurisdiction", "due_on", "state", "kind", "unit", "plan", "matter"],
                condition=Q(state=OwedState.OPEN),
                name="owed_at_an_office",
            ),
            models.Index(
                fields=["subject_type", "subject_id"],
                condition=Q(state=OwedState.OPEN, subject_id__isnull=False),
                name="owed_about_a_thing",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=OwedState.MET, met_on__isnull=False)
                | (~Q(state=OwedState.MET) & Q(met_on__isnull=True)),
                name="obligation_met_with_day",
            ),
            models.UniqueConstraint(
                fields=["matter", "unit", "kind", "due_on"],
                condition=Q(matter__isnull=False, state=OwedState.OPEN) & ~Q(kind__in=OWED_ABOUT_A_THING),
                name="matter_owes_a_thing_once",
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "unit", "kind"],
                condition=Q(state=OwedState.OPEN, kind__in=OWED_ABOUT_A_THING),
                name="thing_is_owed_once_by_a_unit",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=OWED_ABOUT_A_THING) | Q(subject_id__isnull=False),
                name="obligation_about_a_thing_names_it",
            ),
            models.UniqueConstraint(
                fields=["plan", "unit", "due_on"],
                condition=Q(matter__isnull=True, state=OwedState.OPEN, kind=Owed.CONTRIBUTION),
                name="unit_contributes_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["plan", "unit", "kind"],
                condition=Q(matter__isnull=True, state=OwedState.OPEN, kind__in=[Owed.ACKNOWLEDGE, Owed.CONTACTS]),
                name="unit_owes_a_thing_once",
            ),
            models.CheckConstraint(
                condition=Q(state=OwedState.WAIVED) | Q(waived_reason=""), name="obligation_waived_with_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state=OwedState.OPEN) | Q(ended_at__isnull=True), name="obligation_open_has_not_ended"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class MatterChange(models.Model):
    """An approved change: what stood before and what stands after, as {field: value}; the original stays."""

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=12, choices=[(one.value, CHANGE_LABELS[one]) for one in ChangeKind])
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=500)
    approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT)
    is_bulk = models.BooleanField(default=False)
    effective_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by_name = models.CharField(max_length=40)

    class Meta:
        verbose_name = "事项变更"
        ordering: ClassVar = ["recorded_at", "pk"]

    def __str__(self) -> str:
        return f"{self.matter} {CHANGE_LABELS[ChangeKind(self.kind)]}"


class Aside(Func):
    """A column by which SQLite is not to look rows up, though it has an index: “+column”. PostgreSQL counts for itself.

    A place has thousands of matters and few rows that wait: it is to start from those.
    """

    arity = 1
    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, Any]:
        """Put the plus before it."""
        return self.as_sql(compiler, connection, template="+%(expressions)s", **more)


def said_on_matters_seen_by(actor: Actor) -> Q:
    """Return which rows about a matter, each some unit's own, the actor may see; they have `matter` and `unit`.

    Offices see all, who oversees or merges a matter all on it, every other unit its own, a responsible person what
    the unit said of the matters the person's post answers for.
    """
    office = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
    if None in office:
        return Q()
    wanted = Q(In(Aside("matter__jurisdiction_id"), office)) if office else Q(pk__in=[])
    units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
    if units:
        merged = Assignment.objects.filter(unit_id__in=units, is_merging=True, ended_at=None)
        wanted |= Q(unit_id__in=units) | Q(matter_id__in=merged.values("matter_id"))
    for one in actor.holds(Role.RESPONSIBLE):
        answered = Assignment.objects.filter(post_id__in=one.post_ids).values("matter_id")
        wanted |= Q(unit_id__in=one.unit_ids, matter_id__in=answered)
    posts = {post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids}
    if posts:
        wanted |= Q(matter_id__in=Overseer.objects.filter(post_id__in=posts).values("matter_id"))
    return wanted
