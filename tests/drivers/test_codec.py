import json
from pathlib import Path
from typing import Any

import pytest

from edge.cli import main

WELCOME = (
    "a5a5a5a5a5a5a5a5feff0080000000000000fe022c00a306010000000123000000800000808020000000000a0000000002010100020a"
    "08000000bbb6d3adb9e2c1d93c495a"
)
ISSUED = {"type": "ticket.issued", "at": "1970-01-01T00:00:00+00:00", "ticket": "A001", "service": "cash"}
CONFIG = """
[branch]
id = "0571-0042"
timezone = "Asia/Shanghai"

[services.cash]

[windows.3]
services = ["cash"]

[devices.calls]
kind = "terminal"
driver = "lines"
link = "serial:///dev/branch/calls0"
window = "3"

[[devices.calls.settings.lines]]
pattern = '^(?P<ticket>\\w+)$'
event = "ticket.called"
template = "{ticket}"

[devices.queue]
kind = "dispenser"
driver = "lines"
link = "serial:///dev/branch/queue0"

[[devices.queue.settings.lines]]
pattern = '^(?P<ticket>\\w+)$'
event = "ticket.issued"
set.service = "cash"

[devices.screen]
kind = "board"
driver = "led_onbon_bx"
link = "tcp://10.0.0.30:5005"
address = 7
window = "3"
shows = "window"
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "branch.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return str(path)


class Said:
    """What one run of the command printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *words: str) -> None:
        self.code = main(["codec", *words])
        self.out, self.err = capsys.readouterr()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def test_bytes_become_events(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "lines", "decode", "542c4130", "30312c310a")

    assert said.lines == [ISSUED]
    assert said.code == 0


def test_a_bad_frame_is_a_line_and_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "lines", "decode", "58 0a")

    assert said.lines == [{"bad_frame": "a line no pattern matches"}]
    assert (said.code, said.err) == (0, "")


def test_an_event_becomes_the_bytes_it_came_from(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "lines", "encode", json.dumps(ISSUED))

    assert (said.out, said.code) == ("542c413030312c310a\n", 0)


def test_bytes_that_complete_nothing_are_told_of_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "lines", "decode", "542c")

    assert (said.out, said.code) == ("", 0)
    assert said.err == "nothing comes of these 2 bytes: no whole frame, or an ignored one\n"


def test_a_message_has_the_topic_of_the_first_mapping_unless_told(capsys: pytest.CaptureFixture[str]) -> None:
    call = b'{"cmd":"call","no":"A001"}'.hex()

    assert Said(capsys, "mqtt_json", "decode", call).lines[0]["window"] == "example"
    assert Said(capsys, "mqtt_json", "--topic", "terminals/3/call", "decode", call).lines[0]["window"] == "3"
    assert Said(capsys, "mqtt_json", "decode", call, "--topic", "terminals/4/call").lines[0]["window"] == "4"


def test_the_topic_of_a_message_is_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    event = json.dumps({"type": "device.event", "device": "atm-1", "event": "tamper"})
    said = Said(capsys, "atm_mqtt", "encode", event, "--device", "atm-1")

    assert json.loads(bytes.fromhex(said.out)) == {"event": "tamper", "detail": ""}
    assert said.err == "topic: atm/atm-1/status\n"


def test_a_frame_is_spelt_out_and_written_again(capsys: pytest.CaptureFixture[str]) -> None:
    spelt = Said(capsys, "led_onbon_bx", "decode", ":".join(WELCOME[at : at + 2] for at in range(0, len(WELCOME), 2)))
    whole = Said(capsys, "led_onbon_bx", "decode", *(WELCOME[at : at + 2] for at in range(0, len(WELCOME), 2)))

    assert spelt.lines == whole.lines
    assert spelt.lines[0]["areas"][0]["text"] == "欢迎光临"
    assert Said(capsys, "led_onbon_bx", "encode", spelt.out).out == WELCOME + "\n"


def test_a_page_becomes_the_frame_that_shows_it(capsys: pytest.CaptureFixture[str], config: str) -> None:
    page = json.dumps({"page": {"text": {"zh": "你好", "en": "Hello"}}})
    sent = Said(capsys, "led_onbon_bx", "-c", config, "encode", page).out
    frame = Said(capsys, "led_onbon_bx", "decode", sent).lines[0]

    assert frame["dst"] == 7
    assert frame["areas"][0]["text"] == "\\FO000\\C1你好"


def test_what_a_call_box_is_told_becomes_its_frames(capsys: pytest.CaptureFixture[str]) -> None:
    sign = json.dumps({"sign": {"ticket": "A012", "waiting": 7, "beep": True}})
    sent = Said(capsys, "call_terminal_ff68", "encode", sign).out

    assert Said(capsys, "call_terminal_ff68", "decode", sent).lines == [
        {"addr": 1, "func": 2, "waiting": "007", "ticket": "---"},
        {"addr": 1, "func": 2, "waiting": "---", "ticket": "012"},
        {"addr": 1, "func": 3, "data_hex": ""},
    ]


def test_a_configured_device_reads_by_its_settings(capsys: pytest.CaptureFixture[str], config: str) -> None:
    said = Said(capsys, "lines", "-c", config, "--device", "calls", "decode", "41310a", "--at", "2026-01-05T01:00:00Z")

    assert said.lines == [{"type": "ticket.called", "at": "2026-01-05T09:00:00+08:00", "ticket": "A1", "window": "3"}]


def test_the_drivers_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["codec", "--list"])

    assert left.value.code == 0
    assert {"lines", "mqtt_json", "atm_mqtt", "led_onbon_bx"}.issubset(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("lamp", "decode", "00"), "no driver 'lamp'; there are: announcer, atm_mqtt, "),
        (("lines", "decode", "zz"), "'zz' is not hexadecimal; accepted: two digits a byte"),
        (("lines", "decode", "0"), "'0' is not hexadecimal"),
        (("lines", "decode", "00", ""), "an empty chunk"),
        (("lines", "decode", "00", "--at", "noon"), "--at is 'noon'; accepted: RFC 3339 with an offset"),
        (("lines", "decode", "00", "--at", "2026-01-05T09:00:00"), "--at is '2026-01-05T09:00:00'; accepted: RFC 3339"),
        (
            ("lines", "encode", "{}", "--at", "2026-01-05T01:00:00Z"),
            "--at: says when bytes came, so it goes with decode",
        ),
        (("lines", "encode", "{"), "not JSON: EOF while parsing an object"),
        (("lines", "encode", "[]"), "not a JSON object"),
        (("lines", "encode", "{}"), "lacks 'type'"),
        (("lines", "encode", '{"type": "ticket.called", "ticket": "A1", "window": "x"}'), "no template writes this"),
        (("lines", "encode", '{"page": {"text": {"zh": "", "en": ""}}}'), "this driver takes no page"),
        (("led_onbon_bx", "encode", "{}"), "lacks 'cmd_group'"),
        (("led_onbon_bx", "encode", '{"page": "hello"}'), "page: is 'hello'; accepted: a table"),
        (
            ("led_onbon_bx", "encode", '{"page": {"text": {"zh": "", "en": ""}, "level": 1}}'),
            "page.level: is 1; accepted: ",
        ),
        (("call_terminal_ff68", "encode", '{"sign": {"waiting": -1}}'), "sign.waiting: is -1"),
        (("call_terminal_ff68", "encode", '{"sign": {"tickets": "A1"}}'), "sign.tickets: is no key of this table"),
        (
            ("led_onbon_bx", "encode", '{"say": {"ticket": "A1", "window": "3", "text": {"zh": "", "en": ""}}}'),
            "a board takes no call to speak",
        ),
        (
            (
                "led_onbon_bx",
                "encode",
                '{"print": {"ticket": "A1", "service": {"zh": "现", "en": "Cash"}, "wait_min": [5, 10]}}',
            ),
            "a board takes no ticket to print",
        ),
        (("lines", "-c", "/nowhere.toml", "decode", "00"), "/nowhere.toml: cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    said = Said(capsys, *words)

    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"lobbyd codec: {sentence}")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("lines",), "--device must name one of driver lines; there are: calls, queue"),
        (("lines", "--device", "screen"), "device 'screen' is none of driver lines; there are: calls, queue"),
        (("atm_mqtt",), "--device must name one of driver atm_mqtt; there are: none"),
    ],
)
def test_a_device_of_another_driver_is_refused(
    capsys: pytest.CaptureFixture[str], config: str, words: tuple[str, ...], sentence: str
) -> None:
    said = Said(capsys, *words, "-c", config, "decode", "00")

    assert said.code == 2
    assert said.err == f"lobbyd codec: {config}: {sentence}\n"
