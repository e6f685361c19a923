"""What import contracts and linters do not see: sizes, swallowed errors, sleeping tests, untested rooms.

Every claim reports all its offenders at once.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeGuard

import pytest

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES_OF_A_FILE = 320
MOST_LINES_OF_A_FUNCTION = 60
LINES_WORTH_A_TEST_FILE = 40
WRITTEN = frozenset({".py", ".toml", ".sh", ".service", ".conf", ".rules", ".js", ".css", ".html"})
LEFT_OVER = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")  # spelt so that this line is none

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(*places: str, suffixes: frozenset[str] = frozenset({".py"})) -> list[Path]:
    found = (path for place in places for path in (ROOT / place).rglob("*") if path.suffix in suffixes)
    return sorted(path for path in found if "__pycache__" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def nodes(*places: str) -> Iterator[tuple[Path, ast.AST]]:
    for path in files(*places):
        for node in ast.walk(tree(path)):
            yield path, node


def lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def refuse(offenders: list[str], why: str) -> None:
    if offenders:
        pytest.fail("\n  ".join([f"{len(offenders)} {why}", *offenders]), pytrace=False)


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def swallows(node: ast.AST) -> TypeGuard[ast.ExceptHandler]:
    """An except clause whose whole body is `pass` or `...`."""
    if not isinstance(node, ast.ExceptHandler) or len(node.body) != 1:
        return False
    (only,) = node.body
    return isinstance(only, ast.Pass) or (
        isinstance(only, ast.Expr) and isinstance(only.value, ast.Constant) and only.value.value is ...
    )


def sleeps(node: ast.AST) -> TypeGuard[ast.Call]:
    """A real sleep; `asyncio.sleep(0)` only lets others run."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func) not in {"time.sleep", "asyncio.sleep", "sleep"}:
        return False
    return not (node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0)


def test_every_file_says_what_it_is() -> None:
    refuse(
        [where(path, 1) for path in files("edge", "drivers") if not ast.get_docstring(tree(path))],
        "files without a module docstring",
    )


def test_no_error_is_swallowed() -> None:
    refuse(
        [where(path, node.lineno) for path, node in nodes("edge", "drivers") if swallows(node)],
        "errors swallowed: name the error, log it once, or let it rise",
    )


def imported(node: ast.AST) -> list[str]:
    """The modules an import names; `from drivers import x` may name one as well."""
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module), names=names):
            return [module, *(f"{module}.{alias.name}" for alias in names)]
    return []


def test_drivers_share_only_private_files() -> None:
    drivers = {f"drivers.{path.stem}" for path in files("drivers") if not path.stem.startswith("_")}
    refuse(
        [
            f"{where(path, 1)} imports {', '.join(others)}"
            for path, node in nodes("drivers")
            if (others := drivers.intersection(imported(node)))
        ],
        "drivers know another driver: what they share belongs in a file whose name begins with _",
    )


def test_files_stay_short() -> None:
    refuse(
        [f"{where(path, 1)} {lines(path)}" for path in files("edge", "drivers") if lines(path) > MOST_LINES_OF_A_FILE],
        f"files over {MOST_LINES_OF_A_FILE} lines",
    )


def test_functions_stay_short() -> None:
    refuse(
        [
            f"{where(path, node.lineno)} {node.name}: {size}"
            for path, node in nodes("edge", "drivers")
            if isinstance(node, Function)
            and (size := (node.end_lineno or 0) - node.lineno + 1) > MOST_LINES_OF_A_FUNCTION
        ],
        f"functions over {MOST_LINES_OF_A_FUNCTION} lines",
    )


def test_tests_do_not_sleep() -> None:
    refuse(
        [where(path, node.lineno) for path, node in nodes("tests") if sleeps(node)],
        "real sleeps in tests: use a clock that jumps, or wait on the thing itself",
    )


def test_nothing_is_left_over() -> None:
    refuse(
        [
            where(path, number)
            for path in files("edge", "drivers", "tests", "config", "systemd", suffixes=WRITTEN)
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            if LEFT_OVER.search(line)
        ],
        "notes left over: do it, or open an issue",
    )


def test_every_room_of_the_core_and_every_driver_has_its_test_file() -> None:
    tested = {path.stem.removeprefix("test_") for path in files("tests") if path.stem.startswith("test_")}
    refuse(
        [
            f"{where(path, 1)} wants a test_{name}.py"
            for path in files("edge/core", "drivers")
            if lines(path) > LINES_WORTH_A_TEST_FILE
            and (name := path.parent.name if path.stem == "__init__" else path.stem.removeprefix("_")) not in tested
        ],
        f"files over {LINES_WORTH_A_TEST_FILE} lines without a test file of their name",
    )
