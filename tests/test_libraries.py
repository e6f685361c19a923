"""Libraries are imported beside the loop by one thread, so that no two imports see each other half made."""

from __future__ import annotations

import asyncio
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING

from edge.libraries import imported

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

IMPORTS = "import asked_for, threading\nasked_for.both.wait()\nby = threading.get_ident()\n"


async def test_what_is_asked_for_at_once_is_imported_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Event()
    monkeypatch.setitem(sys.modules, "asked_for", SimpleNamespace(both=both))
    monkeypatch.syspath_prepend(str(tmp_path))
    names = ["imported_left", "imported_right"]
    for name in names:
        (tmp_path / f"{name}.py").write_text(IMPORTS)
    asked = [asyncio.ensure_future(imported(name)) for name in names]
    asyncio.get_running_loop().call_soon(both.set)

    left, right = await asyncio.gather(*asked)

    for name in names:
        monkeypatch.delitem(sys.modules, name)
    assert left.by == right.by != threading.get_ident()
