"""Aspects: a bit each, and everything is all of them."""

from edge.core import aspects

UNIONS = {"NOTHING", "TRAFFIC", "OFFER", "EVERYTHING"}


def test_every_aspect_has_a_bit_of_its_own_and_everything_is_their_union() -> None:
    named = {name: value for name, value in vars(aspects).items() if name.isupper() and isinstance(value, int)}
    single = [value for name, value in named.items() if name not in UNIONS]

    assert sorted(single) == [1 << place for place in range(len(single))]
    assert sum(single) == aspects.EVERYTHING
