"""Who acts. Composed by a door once per request or command; never None."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Held:
    """One role somebody holds today.

    role: a value of `access.rules.Role`.
    jurisdiction_id: where it holds; None is everywhere (the system itself).
    unit_ids: the units it holds for, units merged into them included; empty for roles of the office.
    person_id: the leader whose matters it opens (a leader's own, or the one a secretary serves).
    post_ids: the posts held today that open matters: a leader's (or the served leader's), a responsible person's.
    """

    role: str
    jurisdiction_id: int | None = None
    unit_ids: frozenset[int] = frozenset()
    person_id: int | None = None
    post_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at work (or the system), with every role held today."""

    name: str
    account_id: int | None = None
    person_id: int | None = None
    held: tuple[Held, ...] = ()

    def holds(self, *roles: str) -> tuple[Held, ...]:
        """Return what is held of these roles."""
        return tuple(one for one in self.held if one.role in roles)


SYSTEM = Actor(name="系统", held=(Held(role="system"),))
"""The named actor of jobs and of the command line when the operator of the machine acts."""
