"""Tables of 对接上级: the higher department's task a matter serves, and what the dealings with it came to."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.access.rules import LEADER_ROLES, OFFICE_ROLES, WHOLE_UNIT_ROLES, Role
from duban.core.actor import Actor
from duban.matters.models import Assignment, Matter, Overseer
from duban.matters.rules import Part
from duban.orgs.models import Unit


class SuperiorTask(models.Model):
    """上级任务: which department's task, by which document, whom to ask there. version: guards against overwriting."""

    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, related_name="superior")
    department = models.CharField("上级部门", max_length=60)
    task = models.CharField("任务或文件", max_length=200)
    document_number = models.CharField("文号", max_length=60, blank=True)
    contact = models.CharField("联系人", max_length=40, blank=True)
    phone = models.CharField("电话", max_length=40, blank=True)
    deadline = models.CharField("时限", max_length=60, blank=True)
    version = models.IntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by_name = models.CharField(max_length=40)

    class Meta:
        verbose_name = "上级任务"
        constraints = [
            models.CheckConstraint(condition=~Q(department="") & ~Q(task=""), name="superior_names_department_and_task")
        ]

    def __str__(self) -> str:
        return f"{self.matter}上级任务"


class DealingQuerySet(models.QuerySet["Dealing"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "DealingQuerySet":
        """Dealings the actor may see: offices all, who oversees or leads a matter all on it, other units their own."""
        office = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
        if None in office:
            return self.all()
        wanted = Q(matter__jurisdiction_id__in=office) if office else Q(pk__in=[])
        units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
        if units:
            led = Assignment.objects.filter(unit_id__in=units, part=Part.LEAD, ended_at=None)
            wanted |= Q(unit_id__in=units) | Q(matter_id__in=led.values("matter_id"))
        for one in actor.holds(Role.RESPONSIBLE):
            answered = Assignment.objects.filter(post_id__in=one.post_ids).values("matter_id")
            wanted |= Q(unit_id__in=one.unit_ids, matter_id__in=answered)
        posts = {post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids}
        if posts:
            wanted |= Q(matter_id__in=Overseer.objects.filter(post_id__in=posts).values("matter_id"))
        return self.filter(wanted)


class Dealing(models.Model):
    """对接记录: when a unit dealt with whom, and what came of it. Added, never edited."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="dealings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="dealings")
    held_on = models.DateField("日期")
    with_whom = models.CharField("与谁对接", max_length=60)
    outcome = models.CharField("结果", max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by_name = models.CharField(max_length=40)
    objects = DealingQuerySet.as_manager()

    class Meta:
        verbose_name = "对接记录"
        ordering: ClassVar = ["held_on", "pk"]
        indexes = [models.Index(fields=["matter", "held_on"], name="dealing_on_matter")]
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "unit", "held_on", "with_whom", "outcome"], name="dealing_noted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.matter}对接记录"
