"""The garbage collector rests while a question is answered, and goes on as it was before."""

import gc
from collections.abc import Iterator
from threading import Barrier, Thread

import pytest
from networks import ROOT

import archspec
from archspec.family import FAMILIES, MEMBERS
from archspec.language.parse import REMEMBERED
from archspec.support.collector import resting

SPEC = "network tiny\ninput 8x8x3\n\n| conv3-8 |\n"


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    was = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if was else gc.disable)()


def test_it_goes_on_after_an_answer_and_after_an_error() -> None:
    assert archspec.loads(SPEC).params == 224
    assert gc.isenabled()
    with pytest.raises(archspec.ArchError):
        archspec.loads("network tiny\n")
    assert gc.isenabled()


def test_a_collector_that_was_stopped_stays_so() -> None:
    gc.disable()
    archspec.loads(SPEC + "\n# again\n")
    assert not gc.isenabled()


def test_it_rests_until_the_last_thread_has_its_answer() -> None:
    met, ended = Barrier(2), Barrier(2)
    seen: list[bool] = []

    def first() -> None:
        with resting():
            met.wait()
        seen.append(gc.isenabled())
        ended.wait()

    thread = Thread(target=first)
    thread.start()
    with resting():
        met.wait()
        ended.wait()
        seen.append(gc.isenabled())
    thread.join()
    assert seen == [False, False]
    assert gc.isenabled()


def test_answers_leave_hardly_any_circles() -> None:
    for memo in (FAMILIES, MEMBERS, REMEMBERED):  # what goes out of these to make room is circles
        memo.clear()
    gc.collect()
    gc.disable()
    networks = [archspec.load(ROOT / "specs" / f"{name}.arch") for name in ("vgg_D", "mobilenet", "googlenet")]
    assert all(network.holds for network in networks)
    assert gc.collect() < 200
