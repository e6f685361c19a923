from typing import Any

import pytest

from drivers import _xfs4iot_storage as storage
from drivers._xfs4iot_storage import Unit


def cassette(level: str, **types: bool) -> dict[str, Any]:
    configuration = {"configuration": {"types": types}} if types else {}
    return {"status": "ok", "cash": {**configuration, "status": {"replenishmentStatus": level}}}


def said(units: dict[str, Any], *, whole: bool = True) -> dict[str, tuple[str | None, str, str | None]]:
    parts = storage.parts(storage.read(units, {}), whole=whole)
    return {part.name: (part.meaning.word, part.meaning.state, part.meaning.event) for part in parts}


def test_levels_are_words_and_the_cassettes_together_are_the_cash() -> None:
    assert said({"unit1": cassette("ok", cashOut=True), "unit2": cassette("low", cashOut=True)}) == {
        "cash_unit_1": (None, "ok", None),
        "cash_unit_2": ("low", "ok", "cash_low"),
        "cash": ("low", "ok", "cash_low"),
    }
    assert said({"unit1": cassette("ok", cashOut=True)})["cash"] == (None, "ok", None)


def test_when_every_cassette_that_gives_notes_is_empty_the_machine_is_out_of_cash() -> None:
    units = {"unit1": cassette("empty", cashOut=True), "unit2": cassette("empty", reject=True)}

    assert said(units)["cash"] == ("empty", "down", "cash_out")
    assert said(units)["cash_unit_2"] == (None, "ok", None)  # a reject bin is empty as it should be
    assert said({**units, "unit3": cassette("ok", cashOut=True)})["cash"] == ("low", "ok", "cash_low")


def test_of_one_cassette_alone_nothing_follows_for_the_cash() -> None:
    assert said({"unit1": cassette("empty")}, whole=False) == {"cash_unit_1": ("empty", "degraded", "cash_low")}


@pytest.mark.parametrize(
    ("unit", "meaning"),
    [
        (cassette("full", cashOut=True), (None, "ok", None)),
        (cassette("full", cashOut=True, cashIn=True), ("full", "degraded", "cash_full")),
        (cassette("high", cashIn=True), ("high", "ok", None)),
        (cassette("low", cashIn=True), (None, "ok", None)),
        ({"status": "missing", "cash": {}}, ("missing", "degraded", None)),
        ({"status": "manipulated"}, ("manipulated", "degraded", None)),
        (
            {"status": "ok", "cash": {"status": {"operationStatus": "dispenseInoperative"}}},
            ("dispenseInoperative", "degraded", None),
        ),
    ],
)
def test_a_unit_says_its_worst_news(unit: dict[str, Any], meaning: tuple[Any, ...]) -> None:
    assert said({"unit7": unit}, whole=False) == {"cash_unit_7": meaning}


def test_bins_for_cards() -> None:
    full = {"status": "ok", "card": {"status": {"replenishmentStatus": "full"}}}
    issuing = {"status": "ok", "card": {"capabilities": {"type": "dispense"}, "status": {"replenishmentStatus": "low"}}}

    assert said({"unitR": full, "unitD": issuing}) == {
        "retain_bin": ("full", "degraded", None),
        "card_unit_D": (None, "ok", None),
    }
    assert set(said({"unitA": full, "unitB": full})) == {"card_unit_A", "card_unit_B"}


def test_an_event_changes_what_it_names_and_nothing_else() -> None:
    before = storage.read({"unit1": cassette("ok", cashOut=True)}, {})

    assert storage.read({"unit1": {"cash": {"status": {"replenishmentStatus": "low"}}}}, before) == {
        "unit1": Unit(content="cash", level="low", types=frozenset({"cashOut"}))
    }


def counts(retained: int | None = None, retracted: int | None = None, **types: bool) -> dict[str, Unit]:
    kinds = frozenset(name for name, is_so in types.items() if is_so)
    return {"unit1": Unit(types=kinds, retained=retained, retracted=retracted)}


def test_a_counter_that_rises_tells_how_often_it_happened() -> None:
    assert storage.retained(counts(retained=7), counts(retained=9)) == 2
    assert storage.retained(counts(retained=7), counts(retained=0)) == 0  # somebody has emptied the bin
    assert storage.retained(counts(), counts(retained=9)) == 0
    assert storage.retained({}, counts(retained=9)) == 0


def test_deposits_that_were_taken_back_are_no_notes_that_were_not_dispensed() -> None:
    assert storage.retracted(counts(retracted=0), counts(retracted=1)) == 1
    assert storage.retracted(counts(retracted=0), counts(retracted=1, cashInRetract=True)) == 0
    both = counts(retracted=1, cashInRetract=True, cashOutRetract=True)
    assert storage.retracted(counts(retracted=0), both) == 1


def test_a_card_that_is_put_back_is_not_kept() -> None:
    units = {"unitP": Unit(content="card", card="park"), "unitR": Unit(content="card")}

    assert [storage.keeps_cards(key, units) for key in ("unitP", "unitR", "unitX")] == [False, True, True]


@pytest.mark.parametrize(
    ("units", "sentence"),
    [
        ([], "'storage' is no object"),
        ({f"unit{n}": {} for n in range(65)}, "'storage' has 65 units; accepted: at most 64"),
        ({"unit6222021234567890123": {}}, "a storage unit's key is not unit… with at most 12"),
        ({"cassette": {}}, "a storage unit's key is not unit…"),
        ({"unit1": 5}, "'unit1' is no object"),
        ({"unit1": {"status": "fine"}}, "'status' of a storage unit is no word of XFS4IoT; accepted: inoperative"),
        ({"unit1": {"cash": 5}}, "'cash' of a storage unit is no object"),
        ({"unit1": {"cash": {"status": {"in": {"retractOperations": True}}}}}, "'retractOperations' of a storage unit"),
        ({"unit1": {"card": {"status": {"retainCount": -1}}}}, "'retainCount' of a storage unit is no number from 0"),
        ({"unit1": {"cash": {"configuration": {"types": {"cashOut": 1}}}}}, "'cash.configuration.types' is no object"),
    ],
)
def test_what_is_no_storage_is_one_sentence(units: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}") as fault:
        storage.read(units, {})

    assert "6222" not in str(fault.value)
