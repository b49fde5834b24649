"""Starts: who started the processes of a run, and how they meet."""

from __future__ import annotations

import json
import os
import socket
import time
import uuid
from pathlib import Path
from typing import Any, NamedTuple

import torch.distributed as dist

# Starts.

MEETING = 600  # seconds for all processes to meet


class Starter(NamedTuple):
    """Who started the processes, by names, and by the names of who did it before.

    Those have a name in common that start the same processes again.
    """

    names: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


NOBODY = Starter()


def agent() -> dict[str, Any]:
    """What this process knows of the agent of torchrun, if that started it."""
    run = os.environ.get("TORCHELASTIC_RUN_ID")
    if run is None:
        return {"run": "", "agent": "", "restarts": 0}
    parent = os.getppid()
    status = Path(f"/proc/{parent}/stat")  # elsewhere the number has to do
    began = status.read_text().rpartition(")")[2].split()[19] if status.exists() else ""
    name = f"torchrun {run} on {socket.gethostname()}: {parent} {began}"
    restarts = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"))
    return {"run": f"torchrun {run}", "agent": name, "restarts": restarts}


def starter_of(agents: list[dict[str, Any]]) -> Starter:
    """Who started the processes, by what each of them knows.

    The agents of torchrun count restarts each for itself, and the one of a host that
    joins or stays counts none: so it is asked whether any of them was there before.
    """
    runs = {each["run"] for each in agents} - {""}
    names = {each["agent"] for each in agents} - {""}
    again = runs if any(each["restarts"] for each in agents) else set()
    job = f"Slurm {os.environ.get('SLURM_JOB_ID', '')} start "
    start = int(os.environ.get("SLURM_RESTART_COUNT", "0"))  # a requeued job counts up
    before = [f"{job}{earlier}" for earlier in range(start)]
    return Starter(
        (*sorted(runs), *sorted(names), f"{job}{start}"),
        (*sorted(again), *sorted(names), *before),
    )


def meet(store: Any, rank: int, world: int) -> tuple[Any, Starter]:
    """A part of the store for these processes alone, and who started them.

    torchrun keeps its store when it starts processes again, with addresses of those
    that are gone. So rank 0 names a new part of it and waits until all are there, and
    the others wait until it has answered to them and not to those before them.
    """
    me = agent() | {"key": uuid.uuid4().hex}
    end = time.monotonic() + MEETING
    if rank == 0:
        part, found = me["key"], [me]
        store.set("part", part)
        for other in range(1, world):
            wait_for(store, f"{part}/{other}", end)
            found.append(json.loads(store.get(f"{part}/{other}")))
        store.set(f"{part}/all", json.dumps(found))
    else:
        part, found = "", []
        while len(found) != world or found[rank] != me:
            wait_for(store, "part", end)
            latest = store.get("part").decode()
            if latest != part:
                part = latest
                store.set(f"{part}/{rank}", json.dumps(me))
            found = []
            if store.check([f"{part}/all"]):
                found = json.loads(store.get(f"{part}/all"))
    return dist.PrefixStore(part, store), starter_of(found)  # type: ignore[attr-defined]


def wait_for(store: Any, key: str, end: float) -> None:
    """Waits until another process has written something into the store."""
    while not store.check([key]):
        if time.monotonic() > end:
            where = ":".join(
                os.environ.get(f"MASTER_{n}", "") for n in ("ADDR", "PORT")
            )
            raise SystemExit(f"not all processes met at {where} within {MEETING} s")
        time.sleep(0.02)
