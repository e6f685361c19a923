"""Between turns what only the collector finds is found once it is due, and not looked for before."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING
from weakref import ref

import pytest

from edge.shell import garbage

if TYPE_CHECKING:
    from collections.abc import Iterator


class Circle:
    """An object that refers to itself."""

    def __init__(self) -> None:
        self.again = self


@pytest.fixture(autouse=True)
def _by_hand() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def _old(generation: int) -> ref[Circle]:
    """A circle that has outlived so many collections, and is garbage now."""
    circle = Circle()
    for young in range(generation):
        gc.collect(young)
    return ref(circle)


class Young:
    """An object that is allocated anew, where a list might be a freed one taken again, which does not count."""


def _grown(count: int) -> list[Young]:
    """So many young objects, which all stay."""
    return [Young() for _ in range(count)]


def test_young_garbage_is_found_once_enough_has_been_made() -> None:
    lost = _old(0)
    garbage.collect()
    assert lost() is not None
    kept = _grown(gc.get_threshold()[0] + 1)
    garbage.collect()
    assert lost() is None
    assert kept


@pytest.mark.parametrize("generation", [1, 2])
def test_older_garbage_is_found_when_its_turn_comes(generation: int) -> None:
    lost = _old(generation)
    rounds = 0
    while lost() is not None:
        kept = _grown(gc.get_threshold()[0] + 1)
        garbage.collect()
        del kept  # freed objects would count against the next ones
        rounds += 1
        assert rounds < 1000
    assert rounds > (1 if generation == 1 else gc.get_threshold()[1])
