"""Device drivers: one file per device family, its name is the driver's name.

A whole one, for a counter that sends `T`, a number and a line feed for every ticket:

    MEDIUM = frozenset({"serial", "tcp"})

    class Settings(BaseModel, extra="forbid", frozen=True):
        service: str = "cash"

    class Counter(Driver):
        def __init__(self, device):
            self._service = device.settings.service
            self._lines = Lines(end=LINE_FEED, limit=16)

        def receive(self, data, at, topic=""):
            return [self._event(line, at) for line in self._lines.feed(data)]  # bad bytes come out as BadFrame

    def create(devices):
        return Counter(devices[0])

Then one line of configuration, `counter = { kind = "dispenser", driver = "counter", link = "serial:///dev/…" }`, and a
capture in `tests/captures/counter/`, which the tests of every driver find by themselves.

Drivers open nothing, wait for nothing and know neither each other nor the shell. Files whose names begin with `_` are
no drivers but what drivers share: `_framing` for bytes, `_boards` for what boards of every maker have in common,
`_machine` for self-service machines, `_sensing` for contacts and measured values, `_mapping` and `_messages` for the
protocols that are described in the configuration, `_records` and `_gbk` for frames shown as JSON, `_mandarin`,
`_english` and `_clips` for what is spoken; a protocol too long for one file has its own besides.
"""
