"""Reads a TOML table key by key and notes every fault as one sentence with file and key, instead of stopping at one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


class Table:
    """One table of a rule file; keys nobody asked for are faults (see `rest`)."""

    def __init__(self, items: object, where: str, faults: list[str]) -> None:
        self.where, self.faults = where, faults
        self._items: Mapping[str, Any] = items if isinstance(items, dict) else {}
        self._asked: set[str] = set()
        if not isinstance(items, dict):
            self.fault("", items, "a table")

    def fault(self, key: str, found: object, accepted: str) -> None:
        """Notes that `key` holds `found` and what it accepts instead."""
        place = f"{self.where}{key}" if key else self.where.rstrip(". ")
        self.faults.append(f"{place} is {shown(found)}; accepted: {accepted}")

    def has(self, key: str) -> bool:
        """Whether the key is there; it counts as asked for."""
        self._asked.add(key)
        return key in self._items

    def raw(self, key: str) -> Any:
        """The value as it stands, None when the key is missing."""
        self._asked.add(key)
        return self._items.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """Non-empty text; without a default the key must be there."""
        return str(self._typed(key, default, lambda value: isinstance(value, str) and value, "text"))

    def choice(self, key: str, accepted: Collection[str], default: str | None = None) -> str:
        """One of a few words."""
        listed = f"one of {', '.join(accepted)}"
        return str(self._typed(key, default, lambda value: isinstance(value, str) and value in accepted, listed))

    def flag(self, key: str, *, default: bool) -> bool:
        """`true` or `false`."""
        return bool(self._typed(key, default, lambda value: isinstance(value, bool), "true or false"))

    def choices(self, key: str, accepted: Collection[str], *, least: int = 0) -> tuple[str, ...]:
        """A list of words, each one of a few; at least so many."""
        found = self.raw(key)
        if found is None and least == 0:
            return ()
        listed = f"a list of {', '.join(accepted)}"
        if not isinstance(found, list) or len(found) < least or len(set(map(str, found))) < len(found):
            self.fault(key, found, f"{listed}, at least {least}, none twice")
            return ()
        for word in found:
            if not isinstance(word, str) or word not in accepted:
                self.fault(key, word, listed)
        return tuple(word for word in found if isinstance(word, str) and word in accepted)

    def tables(self, key: str) -> list[Table]:
        """A list of tables, `[[key]]` in the file, numbered from 1 in faults."""
        found = self.raw(key)
        if found is None:
            return []
        if not isinstance(found, list):
            self.fault(key, found, f"a list of tables, [[{key}]]")
            return []
        return [Table(item, f"{self.where}{key}[{n}].", self.faults) for n, item in enumerate(found, 1)]

    def table(self, key: str) -> Table:
        """A table within this one; empty when it is missing."""
        found = self.raw(key)
        return Table({} if found is None else found, f"{self.where}{key}.", self.faults)

    def items(self) -> Iterable[tuple[str, Any]]:
        """All keys and values; they count as asked for."""
        self._asked.update(self._items)
        return self._items.items()

    def rest(self, accepted: Iterable[str] = ()) -> None:
        """Every key nobody asked for is a fault."""
        known = ", ".join(sorted({*self._asked, *accepted}))
        for key in self._items:
            if key not in self._asked:
                self.faults.append(f"{self.where}{key} is unknown; accepted: {known}")

    def _typed(self, key: str, default: object, fits: Any, accepted: str) -> object:
        found = self.raw(key)
        if found is None and default is not None:
            return default
        if not fits(found):
            if found is None:
                self.faults.append(f"{self.where}{key} is missing; accepted: {accepted}")
            else:
                self.fault(key, found, accepted)
            return default if default is not None else ""
        return found


def shown(value: object) -> str:
    """A value as it is quoted in a fault, cut to a readable length."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"  # noqa: PLR2004 (a line on a terminal, not a limit of ours)
