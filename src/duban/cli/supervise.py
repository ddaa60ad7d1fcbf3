"""Server and worker as one: they start together and stop together; a worker that falls is put up again.

Runs without Django: `python -m duban.cli.supervise JSON`, a list of the server's and the worker's command.
"""

import ctypes
import json
import signal
import subprocess
import sys
import time
from types import FrameType

_LOOK_S = 0.2
_WAITS_S = (1, 2, 5, 10, 30)
"""How long a worker that fell stays down, the first time and each time after that."""

_STEADY_S = 60
"""A worker that lived so long falls for the first time again."""

_PARENT_DEATH_SIGNAL = 1


def _die_with_parent() -> None:
    """Ask the kernel to stop this child when the supervisor is killed outright; where it cannot, nothing is lost."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, preexec_fn=_die_with_parent)


class Supervisor:
    """Keeps both; `stop` is asked for by a signal."""

    def __init__(self, server: list[str], worker: list[str]) -> None:
        self.worker_command = worker
        self.stops = False
        self.server = _started(server)
        self.worker: subprocess.Popen[bytes] | None = _started(worker)
        self.worker_since_s = time.monotonic()
        self.falls = 0

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Let both finish what is in hand."""
        self.stops = True
        for one in (self.server, self.worker):
            if one is not None and one.poll() is None:
                one.send_signal(signal.SIGTERM)

    def run(self) -> int:
        """Watch both until the server ends; return its exit code."""
        while self.server.poll() is None:
            self._look_after_worker()
            time.sleep(_LOOK_S)
        if self.worker is not None and self.worker.poll() is None:
            self.worker.send_signal(signal.SIGTERM)
            self.worker.wait()
        return 0 if self.stops else self.server.returncode

    def _look_after_worker(self) -> None:
        now_s = time.monotonic()
        if self.stops:
            return
        if self.worker is not None and self.worker.poll() is not None:
            self.falls = 1 if now_s - self.worker_since_s > _STEADY_S else self.falls + 1
            wait_s = _WAITS_S[min(self.falls, len(_WAITS_S)) - 1]
            print(f"后台进程退出（{self.worker.returncode}），{wait_s} 秒后重新启动。", file=sys.stderr, flush=True)
            self.worker, self.worker_since_s = None, now_s + wait_s
        elif self.worker is None and now_s >= self.worker_since_s:
            self.worker, self.worker_since_s = _started(self.worker_command), now_s


def main() -> int:
    """Start both and watch them."""
    server, worker = json.loads(sys.argv[1])
    supervisor = Supervisor(server, worker)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, supervisor.stop)
    return supervisor.run()


if __name__ == "__main__":
    raise SystemExit(main())
