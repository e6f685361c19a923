"""Link lines: what is accepted, and what is said of what is not."""

import pytest

from edge.config import links
from edge.config.links import BadLink, MqttLink, SerialLink, SoundLink, TcpLink, WebSocketLink


def test_a_serial_link_has_the_usual_defaults() -> None:
    assert links.parse("serial:///dev/branch/queue0") == SerialLink(
        "/dev/branch/queue0", 9600, 8, "N", 1.0, rs485=False
    )


def test_every_serial_setting_may_be_given() -> None:
    link = links.parse("serial:///dev/ttyS1?baud=57600&bits=7&parity=E&stop=2&rs485=1&echo=1")

    assert link == SerialLink("/dev/ttyS1", 57600, 7, "E", 2.0, rs485=True, echo=True)


def test_the_other_media() -> None:
    assert links.parse("tcp://10.0.0.21:5005") == TcpLink("10.0.0.21", 5005)
    assert links.parse("ws://10.0.0.21:5846/xfs4iot/v1.0/") == WebSocketLink("ws://10.0.0.21:5846/xfs4iot/v1.0/")
    assert links.parse("wss://atm:443/x?ca_file=/etc/lobbyd/ca.pem") == WebSocketLink(
        "wss://atm:443/x", "/etc/lobbyd/ca.pem"
    )
    assert links.parse("mqtt:queue/+/call") == MqttLink("queue/+/call")
    assert links.parse("sound:default") == SoundLink("default", "aplay")
    assert links.parse("sound:plughw:CARD=PCH,DEV=0?player=/opt/play.sh") == SoundLink(
        "plughw:CARD=PCH,DEV=0", "/opt/play.sh"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("usb:1", "accepted: serial:///dev/NAME"),
        ("serial://dev/ttyS0", "names a device node"),
        ("serial:///dev/ttyS0?baud=fast", "baud=fast; accepted: 1200"),
        ("serial:///dev/ttyS0?parity=X", "parity=X; accepted: N, E, O"),
        ("serial:///dev/ttyS0?speed=9600", "unknown setting speed"),
        ("tcp://host", "tcp://host:port"),
        ("tcp://host:99999", "Port out of range"),
        ("ws:/x", "ws://host:port/path"),
        ("ws://user:secret@host/x", "ws://host:port/path"),
        ("ws://host:0/x", "ws://host:port/path"),
        ("ws://host:99999/x", "Port out of range"),
        ("wss://host/x?ca=/ca.pem", "unknown setting ca; accepted: ca_file"),
        ("wss://host/x?ca_file=ca.pem", "ca_file=ca.pem; accepted: a file by its whole path"),
        ("serial:///dev/branch/queue0?baud=9600&parity=E&baud=2400", "baud is given twice"),
        ("mqtt:", "topic filter"),
        ("mqtt:a/#/b", "only at its end"),
        ("mqtt:a/b+", "whole level"),
        ("sound:", "names an ALSA device"),
        ("sound:-D hw", "names an ALSA device"),
        ("sound:hw:0;reboot", "names an ALSA device"),
        ("sound:default?volume=3", "unknown setting volume; accepted: player"),
        ("sound:default?player=", "player=; accepted: a program's name, or its whole path"),
        ("sound:default?player=bin/aplay", "accepted: a program's name, or its whole path"),
        ("sound:default?player=aplay -N", "accepted: a program's name, or its whole path"),
    ],
)
def test_a_bad_link_says_what_is_accepted(text: str, says: str) -> None:
    with pytest.raises(BadLink) as fault:
        links.parse(text)

    assert says in str(fault.value)
