"""Device drivers: one file per device family, its name is the driver's name. How to write one:

    \"\"\"A counter that sends `T<number>\\n` for every ticket (maker's sheet, page 3).\"\"\"

    MEDIUM = frozenset({"serial", "tcp"})

    class Settings(BaseModel, extra="forbid"):
        service: str = "cash"

    class Counter(Driver):
        def receive(self, data, at, topic=""): ...     # bytes in, events out; bad bytes are BadFrame

    def create(devices):
        return Counter(devices[0])

Drivers open nothing, wait for nothing and know neither each other nor the shell; shared framing is in `_framing.py`.
"""
