import io
import struct
import wave

import pytest

from drivers._clips import BadClip, Clip, Pcm, chime, joined, read, shelf, silence, written

MONO = Pcm(8000, 1)


def wav(samples: list[int], *, rate: int = 8000, channels: int = 1, width: int = 2) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        out.writeframes(b"".join(sample.to_bytes(width, "little", signed=True) for sample in samples))
    return file.getvalue()


def test_clips_are_joined_sample_by_sample_and_read_again() -> None:
    one, other = read(wav([1, 2, 3])), read(wav([4]))
    whole = read(written(joined([one, silence(MONO, 2 / 8000), other])))

    assert struct.unpack("<6h", whole.frames) == (1, 2, 3, 0, 0, 4)
    assert whole.pcm == MONO
    assert whole.lasts_s == 6 / 8000


def test_a_wav_from_a_pipe_claims_more_than_there_is_and_what_is_there_counts() -> None:
    data = bytearray(wav([5, 6, 7]))
    data[4:8] = data[40:44] = struct.pack("<I", 0x7FFFF000)

    assert struct.unpack("<3h", read(bytes(data)).frames) == (5, 6, 7)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is no WAV file"),
        (b"RIFF", "is no WAV file"),
        (b"ID3\x03" + bytes(40), "is no WAV file"),
        (wav([1], width=1), "8 bits"),
        (wav([1], width=3), "24 bits"),
        (wav([1] * 3, channels=3), "3 channels"),
        (wav([]), "is empty"),
        (wav([1] * 8000 * 21), "lasts 21 s"),
        (wav([1, 2])[:30], "is no WAV file"),
    ],
)
def test_what_is_no_clip_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(BadClip, match=reason):
        read(data)


def test_a_folder_becomes_a_shelf_and_the_odd_ones_are_named() -> None:
    files = {
        "yi1.wav": wav([1]),
        "er4.wav": wav([2]),
        "A.wav": wav([3], rate=44100),
        "hao4.wav": b"hello",
        "README": b"recorded on a Tuesday",
    }
    found, faults = shelf(files)

    assert sorted(found) == ["er4", "yi1"]
    assert [fault.partition(" ")[0] for fault in faults] == ["hao4.wav", "A.wav"]
    assert "44100 Hz with 1 channel, the others 8000 Hz" in faults[1]


def test_clips_of_two_formats_are_not_joined() -> None:
    with pytest.raises(ValueError, match="one format"):
        joined([Clip(MONO, b"\0\0"), Clip(Pcm(8000, 2), bytes(4))])


@pytest.mark.parametrize("pcm", [MONO, Pcm(22050, 2)])
def test_the_chime_is_heard_does_not_clip_and_ends_in_silence(pcm: Pcm) -> None:
    clip = chime(pcm)
    samples = struct.unpack(f"<{len(clip.frames) // 2}h", clip.frames)

    assert clip.pcm == pcm
    assert 0x1000 < max(samples) < 0x7FFF
    assert max(map(abs, samples[-pcm.rate // 100 :])) < 0x200
    assert all(left == right for left, right in zip(samples[0::2], samples[1::2], strict=True)) or pcm.channels == 1
