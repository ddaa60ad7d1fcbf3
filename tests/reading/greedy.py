"""A parser that behaves badly, for tests of the process it runs in."""

import os
import sys
import time

from duban.reading.apart import serve
from duban.reading.errors import NotReadable


def work(data: bytes) -> dict:
    match data:
        case b"memory":
            return {"size": len(bytearray(4 << 30))}
        case b"abort":
            os.abort()
        case b"error":
            raise KeyError("x")
        case b"refuse":
            raise NotReadable("不行。", "binary")
        case b"sleep":
            time.sleep(60)
    return {"size": len(data)}


if __name__ == "__main__":
    sys.exit(serve(work))
