"""Tables of 提醒: the rounds that were made, and what each digest held. They are facts: never changed afterwards."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.access.models import Account
from duban.orgs.models import Jurisdiction, Person, Unit
from duban.outbox.models import Message


class Round(models.Model):
    """提醒轮次: the digests of one place and workday, made once.

    digests: how many people were told; items: of how many things in all.   unreached: what nobody could be told of,
    {unit id: how many things}.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="reminder_rounds")
    day = models.DateField()
    done_at = models.DateTimeField(null=True)
    digests = models.IntegerField(default=0)
    items = models.IntegerField(default=0)
    unreached = models.JSONField(default=dict)

    class Meta:
        verbose_name = "提醒轮次"
        ordering: ClassVar = ["day", "pk"]
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "day"], name="reminder_round_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day.year}年{self.day.month}月{self.day.day}日提醒"


class Digest(models.Model):
    """汇总提醒: what one person, or one account of somebody who is no person of any place, was told in one round."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="sent")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="digests")
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="digests")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="digest")
    items = models.IntegerField()

    class Meta:
        verbose_name = "汇总提醒"
        ordering: ClassVar = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "person"], condition=Q(person__isnull=False), name="digest_once_a_person"
            ),
            models.UniqueConstraint(
                fields=["round", "account"], condition=Q(account__isnull=False), name="digest_once_an_account"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, account__isnull=True) | Q(person__isnull=True, account__isnull=False),
                name="digest_to_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.person or self.account}"


class DigestPart(models.Model):
    """提到的事项: what a digest held of one unit.

    obligation_ids: what is owed; items: how many things, those that are no obligation among them.
    """

    digest = models.ForeignKey(Digest, on_delete=models.PROTECT, related_name="parts")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="digest_parts")
    obligation_ids = models.JSONField(default=list)
    items = models.IntegerField()

    class Meta:
        verbose_name = "提到的事项"
        ordering: ClassVar = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["digest", "unit"], name="unit_once_in_a_digest"),
            models.CheckConstraint(condition=Q(items__gt=0), name="digest_part_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.items} 项"
