"""The first documents of a server's process are drawn by several threads at once, before any font was read."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.engine_free

COLD = """
import threading
from duban.documents.paper import Form, Head, Paper, text
from duban.documents.pdf import to_pdf

paper = Paper(Form.LETTER, "关于督查事项的函", (text("请抓紧办理。"),), head=Head("临江区人民政府办公室"))
drawn, gate = [], threading.Barrier(6)

def draw():
    gate.wait()
    drawn.append(to_pdf(paper))

threads = [threading.Thread(target=draw) for _ in range(6)]
for one in threads:
    one.start()
for one in threads:
    one.join()
print(len(drawn), len(set(drawn)))
"""


def test_threads_that_begin_together_draw_the_same():
    result = subprocess.run([sys.executable, "-c", COLD], capture_output=True, text=True, timeout=100)
    assert (result.stdout, result.stderr) == ("6 1\n", "")
