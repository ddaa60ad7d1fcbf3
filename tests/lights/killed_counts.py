"""How many rounds are made and killed; by itself, because the program it belongs to sets Django up for itself."""

from datetime import date

ROUNDS_AT_ONCE = 4
KILLS = 60
MATTERS = 120
FIRST, LAST = date(2020, 2, 3), date(2020, 9, 30)
