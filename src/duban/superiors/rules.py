"""Words and decisions: 对接上级."""

from datetime import date

from duban.core.errors import Invalid

SUPERIOR_FIELDS = {
    # name: (what it is called, the most characters)
    "department": ("上级部门", 60),
    "task": ("任务或文件", 200),
    "document_number": ("文号", 60),
    "contact": ("联系人", 40),
    "phone": ("电话", 40),
    "deadline": ("时限", 60),
}
"""What a matter says of the higher department's task. The deadline is that department's own words: nothing is owed by
it here."""

WITH_WHOM_LENGTH = 60
OUTCOME_LENGTH = 200


def checked_superior(given: dict[str, str]) -> dict[str, str]:
    """Return the words on a higher department's task, each on one line. Raises Invalid in the user's words.

    The department and the task must be there; the rest may be empty.
    """
    words = {}
    for name, (label, most) in SUPERIOR_FIELDS.items():
        line = " ".join(given.get(name, "").split())
        if len(line) > most:
            raise Invalid(f"“{label}”不超过 {most} 字，现在 {len(line)} 字。", field=name)
        words[name] = line
    for name in ("department", "task"):
        if len(words[name]) < 2:
            raise Invalid(f"请写明{SUPERIOR_FIELDS[name][0]}。", field=name)
    return words


def checked_dealing(*, held_on: date, with_whom: str, outcome: str, today: date) -> tuple[str, str]:
    """Return with whom and what came of it, each on one line. Raises Invalid."""
    if held_on > today:
        raise Invalid("对接日期不能晚于今天。", field="held_on")
    who, what = " ".join(with_whom.split()), " ".join(outcome.split())
    for line, label, field, most in (
        (who, "与谁对接", "with_whom", WITH_WHOM_LENGTH),
        (what, "结果", "outcome", OUTCOME_LENGTH),
    ):
        if len(line) < 2:
            raise Invalid(f"请写明{label}。", field=field)
        if len(line) > most:
            raise Invalid(f"“{label}”不超过 {most} 字，现在 {len(line)} 字。", field=field)
    return who, what
