"""How much is done and killed; by itself, because the program it belongs to sets Django up for its own process."""

WORKERS = 4
KILLS = 40
A_BATCH = 5
MISSED_DAYS = 8
