"""How often a token may come: so many requests a minute, counted in the memory of each server process."""

import math
import threading
from collections import Counter

WINDOW_S = 60


class Meter:
    """Counts the requests of each token in the running minute. Nothing is kept when the process ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._counts: Counter[str] = Counter()

    def wait_s(self, token: str, *, most: int, at_s: float) -> int:
        """Count one request, and return 0, or in how many seconds the next minute begins for one too many.

        token: its digest.   most: a minute; 0 for no limit.   at_s: seconds of a clock that only goes forward.
        """
        if not most:
            return 0
        window = int(at_s // WINDOW_S)
        with self._lock:
            if window != self._window:
                self._window = window
                self._counts.clear()
            self._counts[token] += 1
            if self._counts[token] <= most:
                return 0
        return max(1, math.ceil((window + 1) * WINDOW_S - at_s))
