"""Tables of the organisation. Nothing is deleted: units merge, posts change holders, contacts end."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from duban.access.models import Account
from duban.access.rules import ROLE_PERMISSIONS, Permission, Role
from duban.core.actor import Actor
from duban.orgs.rules import (
    CONTACT_ROLE_LABELS,
    LEVEL_LABELS,
    POST_KIND_LABELS,
    UNIT_TYPE_LABELS,
    ContactRole,
    GroupKind,
    Level,
    PostKind,
    UnitType,
)


def in_force(day: date) -> Q:
    """Return the condition that a from–to row (both days included) is in force on a day."""
    return Q(from_on__lte=day) & (Q(to_on__isnull=True) | Q(to_on__gte=day))


def _seen_by(actor: Actor) -> Q:
    """Return the condition that a row lies in a jurisdiction whose organisation the actor may look at."""
    places = [one.jurisdiction_id for one in actor.held if Permission.ORG_VIEW in ROLE_PERMISSIONS[Role(one.role)]]
    return Q() if None in places else Q(jurisdiction_id__in=places)


class Jurisdiction(models.Model):
    """辖区: a node in the tree of city, county, town."""

    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    level = models.CharField(max_length=10, choices=[(one.value, LEVEL_LABELS[one]) for one in Level])
    name = models.CharField("名称", max_length=60, unique=True)
    short_name = models.CharField("简称", max_length=20)

    class Meta:
        verbose_name = "辖区"

    def __str__(self) -> str:
        return self.name


class UnitQuerySet(models.QuerySet["Unit"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "UnitQuerySet":
        """Units the actor may look at: all of the jurisdictions where any role may view the organisation."""
        return self.filter(_seen_by(actor))

    def current(self) -> "UnitQuerySet":
        """Units that were not merged into another."""
        return self.filter(merged_into__isnull=True)


class Unit(models.Model):
    """单位."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="units")
    name = models.CharField("简称", max_length=60)
    full_name = models.CharField("全称", max_length=120, blank=True)
    unit_type = models.CharField(
        "类别", max_length=12, choices=[(one.value, UNIT_TYPE_LABELS[one]) for one in UnitType]
    )
    order = models.IntegerField("排序", default=1000)
    keys = models.TextField()  # every name it is found under, one a line, those of units merged into it included
    pinyin = models.TextField()  # of the same, in the same order
    initials = models.TextField()
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="absorbed")
    merged_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)
    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = "单位"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "name"], condition=Q(merged_into__isnull=True), name="unit_name_once"
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True, merged_at__isnull=True)
                | Q(merged_into__isnull=False, merged_at__isnull=False),
                name="unit_merged_with_time",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="unit_not_into_itself"),
        ]

    def __str__(self) -> str:
        return self.name


class UnitAlias(models.Model):
    """A name under which a unit is found; its short and full names are among them. `key` is folded."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="aliases")
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    alias = models.CharField(max_length=120)
    key = models.CharField(max_length=120)

    class Meta:
        verbose_name = "单位别名"
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "key"], name="alias_names_one_unit")]

    def __str__(self) -> str:
        return self.alias


class UnitGroupQuerySet(models.QuerySet["UnitGroup"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "UnitGroupQuerySet":
        """Groups of the jurisdictions whose organisation the actor may look at."""
        return self.filter(_seen_by(actor))


class UnitGroup(models.Model):
    """统称: 各镇（街道）、区直有关单位. Members are those a person put there."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="unit_groups")
    name = models.CharField("统称", max_length=60)
    key = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=[(one.value, one.value) for one in GroupKind])
    members = models.ManyToManyField(Unit, related_name="groups")
    objects = UnitGroupQuerySet.as_manager()

    class Meta:
        verbose_name = "统称"
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "key"], name="group_name_once")]

    def __str__(self) -> str:
        return self.name


class PersonQuerySet(models.QuerySet["Person"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "PersonQuerySet":
        """People of the jurisdictions whose organisation the actor may look at."""
        return self.filter(_seen_by(actor))


class Person(models.Model):
    """人员. The account is how they sign in, where they do."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="people")
    name = models.CharField("姓名", max_length=40)
    phone = models.CharField("电话", max_length=40, blank=True)
    email = models.CharField("邮箱", max_length=100, blank=True)
    note = models.CharField("备注", max_length=60, blank=True)
    pinyin = models.CharField(max_length=200)
    initials = models.CharField(max_length=40)
    account = models.OneToOneField(Account, null=True, on_delete=models.PROTECT, related_name="person")
    version = models.IntegerField(default=1)
    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "人员"

    def __str__(self) -> str:
        return self.name


class PostQuerySet(models.QuerySet["Post"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "PostQuerySet":
        """Posts of the jurisdictions whose organisation the actor may look at."""
        return self.filter(_seen_by(actor))


class Post(models.Model):
    """岗位. Responsibility belongs to it; the holder changes with dates."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="posts")
    kind = models.CharField(max_length=16, choices=[(one.value, POST_KIND_LABELS[one]) for one in PostKind])
    title = models.CharField("岗位", max_length=60)
    order = models.IntegerField("排序", default=1000)
    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = "岗位"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[PostKind.LEADER, PostKind.GOVERNMENT_HEAD]) | Q(unit__isnull=False),
                name="post_of_a_unit_or_leader",
            ),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(kind=PostKind.UNIT_HEAD), name="unit_has_one_head_post"
            ),
            models.UniqueConstraint(
                fields=["jurisdiction"],
                condition=Q(kind=PostKind.GOVERNMENT_HEAD, unit__isnull=True),
                name="government_has_one_head_post",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Appointment(models.Model):
    """任职: who holds a post from a day to a day, both included."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="appointments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    from_on = models.DateField()
    to_on = models.DateField(null=True)
    qualifier = models.CharField("说明", max_length=40, blank=True)  # 镇长人选

    class Meta:
        verbose_name = "任职"
        constraints = [
            models.UniqueConstraint(fields=["post"], condition=Q(to_on__isnull=True), name="post_has_one_holder"),
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on")), name="appointment_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.post}"


class UnitContact(models.Model):
    """联络员、分管领导: exactly one of each in force per unit."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="contacts")
    role = models.CharField(max_length=10, choices=[(one.value, CONTACT_ROLE_LABELS[one]) for one in ContactRole])
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="contact_for")
    from_on = models.DateField()
    to_on = models.DateField(null=True)

    class Meta:
        verbose_name = "联络员与分管领导"
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "role"], condition=Q(to_on__isnull=True), name="unit_has_one_contact_of_a_role"
            ),
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on")), name="contact_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {CONTACT_ROLE_LABELS[ContactRole(self.role)]} {self.person}"
