"""Large libraries, imported when they are needed: beside the event loop, which goes on meanwhile, and one at a time.

Two threads that import the modules of one package from different ends meet in its circular imports: to avoid waiting
for each other for ever, Python lets one of them see a module half made. So a single thread imports them all.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

_IMPORTER = ThreadPoolExecutor(1, "importer")


async def imported(name: str) -> ModuleType:
    """The module of that name, imported by the one importing thread if it was not yet; ImportError as of import."""
    return await asyncio.get_running_loop().run_in_executor(_IMPORTER, import_module, name)
