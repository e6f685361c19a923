import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers._onbon_areas import DELETE_ALL, IN_PIXELS, Area, Update, pack, unpack

WELCOME = bytes.fromhex("000123000000800000808020000000000a0000000002010100020a08000000bbb6d3adb9e2c1d9")

byte = st.integers(0, 0xFF)
word = st.integers(0, 0xFFFF)
silent = st.builds(
    Area,
    x_raw=word,
    w_raw=word,
    h=word,
    area_id=byte,
    timeout_s=word,
    extend=st.binary(max_size=5),
    speed=byte,
    data=st.binary(max_size=30),
)
speaking = st.builds(
    Area,
    w_raw=word,
    h=word,
    sound_mode=st.just(2),
    sound_voice=byte,
    sound_volume=byte,
    sound_speed=byte,
    sound=st.binary(max_size=9),
)


def test_the_makers_welcome_is_one_area() -> None:
    area = Area(w_raw=IN_PIXELS | 128, h=32, timeout_s=10, speed=2, stay_half_s=10, data="欢迎光临".encode("gbk"))

    assert unpack(WELCOME) == Update(areas=(area,))
    assert pack(Update(areas=(area,))) == WELCOME


def test_every_area_goes_without_a_list() -> None:
    assert pack(Update(delete_count=DELETE_ALL)) == b"\xff\x00"
    assert unpack(b"\xff\x00") == Update(delete_count=DELETE_ALL)


def test_areas_may_go_and_come_in_one_update() -> None:
    update = Update(delete_count=2, delete_ids=(1, 3), areas=(Area(w_raw=2, h=16, data=b"a"), Area(w_raw=2, h=16)))

    assert unpack(pack(update)) == update


@given(st.lists(silent | speaking, max_size=3))
def test_any_areas_come_back(areas: list[Area]) -> None:
    update = Update(areas=tuple(areas))

    assert unpack(pack(update)) == update


@given(st.binary(max_size=60))
def test_any_data_is_an_update_that_comes_back_or_none(data: bytes) -> None:
    update = unpack(data)

    assert update is None or pack(update) == data


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xfe\x00", WELCOME[:-1], WELCOME + b"x", b"\x00\x01\xff\xff"])
def test_data_that_is_no_update_is_none(data: bytes) -> None:
    assert unpack(data) is None


def test_an_area_longer_than_its_length_can_say_is_refused() -> None:
    with pytest.raises(ValueError, match="70034 bytes of one area; accepted: at most 65535"):
        pack(Update(areas=(Area(w_raw=2, h=16, data=bytes(70007)),)))
