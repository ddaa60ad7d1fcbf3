"""Tables of 放假安排. A notice is never changed: a corrected one is loaded anew and holds instead."""

from typing import ClassVar

from django.db import models


class YearNotice(models.Model):
    """放假安排: one year's notice as loaded. The last loaded of a year holds; it is the same in every jurisdiction."""

    year = models.IntegerField("年度")
    title = models.CharField("文号或标题", max_length=100)
    loaded_at = models.DateTimeField()
    loaded_by_name = models.CharField(max_length=40)

    class Meta:
        verbose_name = "放假安排"
        ordering: ClassVar = ["-year", "-pk"]

    def __str__(self) -> str:
        return f"{self.year}年放假安排"


class NoticeDay(models.Model):
    """放假、上班的一天 as a notice names it."""

    notice = models.ForeignKey(YearNotice, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    is_workday = models.BooleanField()
    name = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = "放假安排的日子"
        ordering: ClassVar = ["day"]
        constraints = [models.UniqueConstraint(fields=["notice", "day"], name="day_once_in_a_notice")]

    def __str__(self) -> str:
        return f"{self.day} {'班' if self.is_workday else '休'}"
