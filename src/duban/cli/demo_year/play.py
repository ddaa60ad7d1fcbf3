"""The loop of the year: each day the jobs of the schedule at their hours, and on working days what people do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection

from duban.calendars.queries import use_loaded_notices
from duban.cli.demo_passwords import quick_passwords
from duban.cli.demo_year.archiving import ARCHIVING
from duban.cli.demo_year.beginning import ARRIVING, ASSIGNED_ON, BEGINNING, open_the_house
from duban.cli.demo_year.behaviour import FIRST
from duban.cli.demo_year.bulletins import BULLETINS
from duban.cli.demo_year.changing import CHANGING
from duban.cli.demo_year.closing import CLOSING
from duban.cli.demo_year.coordinating import COORDINATING
from duban.cli.demo_year.evaluation import EVALUATION
from duban.cli.demo_year.interviews import INTERVIEWS
from duban.cli.demo_year.letters import LETTERS
from duban.cli.demo_year.objections import OBJECTIONS
from duban.cli.demo_year.reporting import REPORTING
from duban.cli.demo_year.stage import Stage
from duban.cli.demo_year.visits import VISITS
from duban.cli.demo_year.working import WORKING
from duban.core import clock
from duban.core.clock import SHANGHAI
from duban.core.errors import DomainError
from duban.core.workdays import is_workday
from duban.jobs import leases
from duban.jobs.rules import TaskState
from duban.worker.once import run_due
from duban.worker.schedule import SCHEDULE

_CLOSES_AT = time(18, 0)

Act = Callable[[Stage], None]

_BEFORE: tuple[tuple[time, tuple[Act, ...]], ...] = ((time(8, 40), ARRIVING),)
_AT_WORK: tuple[tuple[time, tuple[Act, ...]], ...] = (
    (time(8, 40), (*ARRIVING, *BEGINNING)),
    (time(9, 30), WORKING),
    (time(10, 30), BULLETINS),
    (time(11, 0), COORDINATING),
    (time(13, 30), VISITS),
    (time(14, 0), REPORTING),
    (time(15, 0), LETTERS),
    (time(15, 30), CHANGING),
    (time(15, 50), INTERVIEWS),
    (time(16, 0), OBJECTIONS),
    (time(16, 30), CLOSING),
    (time(17, 10), EVALUATION),
    (time(17, 40), ARCHIVING),
)
"""What people do on a working day, from which hour on: before the matters are handed out, and from then on."""


class PlayFailed(RuntimeError):
    """A job did not do its work, or somebody was refused what an office would not have tried: the play is at fault."""


@dataclass(frozen=True, slots=True)
class Played:
    """One day that was played, and whether it was the last of its month (or of the play)."""

    day: date
    is_last: bool


def play(*, until: date, seed: str) -> Iterator[Played]:
    """Play from the first day to `until`, and yield each day once it is over. The database is empty at first.

    The clock of this process stands at each moment of the play, and goes on as before when the play is over.
    Raises PlayFailed.
    """
    stage = Stage(seed=seed, day=FIRST)
    leases.publish_schedule(SCHEDULE)
    with clock.stands_still() as put, quick_passwords():
        use_loaded_notices()
        open_the_house(stage)
        day = FIRST
        while day <= until:
            _play_day(stage, day, put=put)
            following = day + timedelta(days=1)
            yield Played(day, is_last=day == until or following.month != day.month)
            day = following


def _play_day(stage: Stage, day: date, *, put: Callable[[datetime], None]) -> None:
    """Play one day: jobs and people in the order of their hours."""
    acts = [one for one in (_AT_WORK if day >= ASSIGNED_ON else _BEFORE) if is_workday(day)]
    jobs = sorted({time.fromisoformat(one.at) for one in SCHEDULE})
    no_acts: tuple[Act, ...] = ()
    hours = sorted([(at, no_acts) for at in jobs] + acts, key=lambda one: one[0])
    for at, some in hours:
        moment = datetime.combine(day, at, tzinfo=SHANGHAI)
        put(moment)
        if not some:
            _run_jobs(moment)
            continue
        stage.begin(day, at)
        for act in some:
            try:
                act(stage)
            except DomainError as error:
                raise PlayFailed(f"{day} {act.__name__}: {error.message}") from error


def _run_jobs(moment: datetime) -> None:
    for task in run_due(now=moment, worker="duban demo-year"):
        if task.state != TaskState.DONE:
            raise PlayFailed(f"{task} {task.due_on}: {task.errors[-1:]}")


def closing_time() -> time:
    """Return the hour at which a day is over, all its jobs done: from then on the county can be opened."""
    return max(_CLOSES_AT, *(time.fromisoformat(one.at) for one in SCHEDULE))


def relax_disk() -> None:
    """Let SQLite leave the writing to the operating system: a play that is broken off is begun anew anyway."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")


def settle_disk() -> None:
    """Have everything written for good, and let SQLite be as careful as ever."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
