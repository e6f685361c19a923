"""A few of the mutants that `make fuzz` makes a million of, and proof that a gullible decoder is found out."""

from itertools import islice
from random import Random

import pytest

from drivers import _onbon_frames, sensor_modbus
from edge import driver as drivers
from tests.fuzz.mutants import Mutants, by_driver, changed, sound_parts, sound_stretches

COUNT = 1000


@pytest.mark.parametrize("mutants", by_driver(), ids=lambda mutants: mutants.driver)
def test_no_driver_sees_phantoms(mutants: Mutants) -> None:
    assert list(islice(mutants.phantoms(COUNT), 3)) == []


def test_every_driver_that_hears_anything_has_mutants() -> None:
    hearing = {name for name in drivers.names() if {"sound"} != drivers.load(name).MEDIUM}

    assert {mutants.driver for mutants in by_driver()} == hearing


def test_a_mutant_is_never_the_frame_and_the_same_seed_makes_the_same() -> None:
    one, same = Random(7), Random(7)
    made = [changed(b"\xa5frame\x5a", b"\xa5other\x5a", one) for _ in range(500)]

    assert b"\xa5frame\x5a" not in made
    assert b"" not in made
    assert made == [changed(b"\xa5frame\x5a", b"\xa5other\x5a", same) for _ in range(500)]
    assert len(set(made)) > 300


def test_a_sound_frame_is_seen_where_it_begins_within_another_that_is_sound_by_chance() -> None:
    chance, meant = bytes.fromhex("030201422001"), bytes.fromhex("0104040131 01e62bad")
    stretches = sound_stretches(sensor_modbus.FRAMES, chance + meant[1:])

    assert stretches == {0: chance, 5: meant}
    assert sound_parts(stretches) == [chance]


def of(driver: str) -> Mutants:
    (found,) = (mutants for mutants in by_driver() if mutants.driver == driver)
    return found


def test_a_decoder_that_does_not_look_at_the_check_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_onbon_frames, "_fault", lambda body, at: None)

    assert list(islice(of("led_onbon_bx").phantoms(COUNT), 1))
