"""How much is done and killed; by itself, because the program it belongs to sets Django up for its own process."""

from datetime import date

WORKERS = 4
CLERKS = 2
DAYS = tuple(date(2020, *day) for day in ((2, 27), (2, 28), (3, 2), (3, 3), (3, 4), (3, 9)))
"""The mornings on which the machine is switched on; what the days between them owe is caught up on the next."""

KILLS = {"worker": 2, "clerk": 4}
"""How many of each kind are hit with something in hand, in one morning or evening, at most."""

LETTERS_BY_HAND = 4
