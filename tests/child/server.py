"""Starts programs as processes that have torch already: importing it takes longer than most of the programs run.

Each line of the standard input is a command as JSON: the program with its words, the folder that it runs in, and whether
it takes all libraries as they are installed, where others take the digits from this folder. What it prints goes to the
files ``out`` and ``err`` beside it, and its exit code to the standard output.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import signal
import sys
import threading
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

LONGEST = 300
"""Seconds."""

# The second is what torch imports when the first optimizer is made, and the third when images are read.
for name in ("torch", "torch._dynamo", "torchvision.transforms"):
    if find_spec(name.partition(".")[0]) is not None:
        import_module(name)

# Else a program's process would look through all of torch for garbage, and so copy it.
gc.collect()
gc.freeze()

for line in sys.stdin:
    command = json.loads(line)
    child = os.fork()
    if not child:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()

# From here on this is the program's process, and what it raises ends it as it would end any.
signal.alarm(LONGEST)
streams = os.open(os.devnull, os.O_RDONLY), *(os.open(command[name], os.O_WRONLY) for name in ("out", "err"))
for stream, file in zip(range(3), streams, strict=True):
    os.dup2(file, stream)
    os.close(file)
os.chdir(command["folder"])
sys.argv[:] = command["words"]
sys.path[0] = str(Path(sys.argv[0]).absolute().parent)
if command["plain"]:
    sys.path[:] = [path for path in sys.path if Path(path) != Path(__file__).parent]
code = 0
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    code = end.code if isinstance(end.code, int) else int(end.code is not None)
    if not isinstance(end.code, int | None):
        print(end.code, file=sys.stderr)
except BaseException:
    sys.excepthook(*sys.exc_info())
    code = 1
# All that an interpreter does at its end but to free each object of torch, which takes longer than most programs.
threading._shutdown()  # type: ignore[attr-defined]
atexit._run_exitfuncs()
sys.stdout.flush()
sys.stderr.flush()
os._exit(code)
