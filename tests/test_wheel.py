"""The installed wheel works from an empty directory: configuration, rules, pages and texts travel with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheel's files lie, without the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    quiet = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    wheel = [*quiet, "wheel", str(ROOT), "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run(wheel, check=True, capture_output=True)
    built = next(folder.glob("lobbyd-*.whl"))
    subprocess.run([*quiet, "install", "--no-deps", "--target", str(folder / "site"), str(built)], check=True)
    return folder / "site"


def lobbyd(site: Path, empty: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the installed program in an empty directory."""
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-P", "-m", "edge", *arguments]
    return subprocess.run(command, cwd=empty, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_it_is_the_installed_one_that_runs(installed: Path, tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-P", "-c", "import edge, edge.resources as r; print(edge.__file__); print(r.config_dir())"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(installed)}, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert told.stdout.split() == [str(installed / "edge" / "__init__.py"), str(installed / "edge" / "_config")]


def test_simulate_check_replay_codec_and_schema_work_from_an_empty_directory(installed: Path, tmp_path: Path) -> None:
    branch = installed / "edge" / "_config" / "branch.toml"
    for arguments in (
        ["simulate", "--scenario", "rush", "--seed", "1", "--out", "day.jsonl"],
        ["check", str(branch)],
        ["replay", "day.jsonl", "-c", str(branch), "--prompts", "prompts.jsonl", "--predictions", "waits.jsonl"],
        ["codec", "--list"],
        ["schema", "--asyncapi", "asyncapi.json"],
    ):
        done = lobbyd(installed, tmp_path, *arguments)
        assert done.returncode == 0, (arguments, done.stderr)
    assert "secondary-triage" in (tmp_path / "prompts.jsonl").read_text(encoding="utf-8")


@pytest.mark.broker
def test_the_demo_serves_its_pages_from_an_empty_directory(installed: Path, tmp_path: Path) -> None:
    done = lobbyd(installed, tmp_path, "demo", "--headless", "--for", "5", "--port", "0", "--speed", "60")

    assert done.returncode == 0, done.stderr
    assert "/handheld" in done.stdout
    assert list(tmp_path.iterdir()) == []
