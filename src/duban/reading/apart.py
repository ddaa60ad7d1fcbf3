"""Parsers of other people's making run in a process of their own, with limits on memory and time.

A file made to exhaust either takes nothing else with it, and a long one does not hold up the threads of a web server.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from duban.reading.errors import NotReadable

MAX_SECONDS = 45
MAX_MEMORY_BYTES = 1536 * 1024 * 1024

_LOG = logging.getLogger(__name__)
_TOO_MUCH = "这个文件太大或太复杂，没有读完。请只保留通知和任务分解表，另存后再读。"
_BROKEN = "这个文件已损坏，读不下去。请重新取得原文件；能打开的，另存一份再读。"


def read_apart(module: str, data: bytes) -> dict[str, Any]:
    """This function will run `python -m module` on the bytes and return its answer; raises NotReadable.

    The module ends with `sys.exit(serve(…))`.
    """
    paths = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-W", "ignore", "-m", module]
    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            check=False,
            timeout=MAX_SECONDS + 5,
            env={**os.environ, "PYTHONPATH": paths},
        )
    except subprocess.TimeoutExpired as problem:
        raise NotReadable(_TOO_MUCH, "too_large") from problem
    if done.returncode < 0:  # a limit was reached
        raise NotReadable(_TOO_MUCH, "too_large")
    if done.returncode:
        _LOG.error("%s ended with %s: %s", module, done.returncode, done.stderr.decode(errors="replace")[-2000:])
        raise NotReadable(_BROKEN, "truncated")
    answer: dict[str, Any] = json.loads(done.stdout)
    if "refusal" in answer:
        raise NotReadable(answer["refusal"], answer["code"])
    return answer


def serve(work: Callable[[bytes], dict[str, Any]]) -> int:
    """This function will give standard input to `work` and write its answer, or its refusal, as one JSON object."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = work(sys.stdin.buffer.read())
    except NotReadable as problem:
        answer = {"refusal": problem.message_zh, "code": problem.code}
    except MemoryError:
        answer = {"refusal": _TOO_MUCH, "code": "too_large"}
    sys.stdout.write(json.dumps(answer))
    return 0
