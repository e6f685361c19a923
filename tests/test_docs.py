"""The documents say what is so: the page of the rules is that of the rules, and links lead somewhere."""

import re
from pathlib import Path

import pytest

from edge.cli import COMMANDS
from edge.config import reference

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_page_of_the_rules_is_written_from_the_rules() -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")

    assert page == reference.page(), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_paths_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [
        link.partition("#")[0].replace("\\", "")
        for link in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", text)
        for link in link
    ]
    paths = re.findall(r"`((?:edge|drivers|config|systemd|tests|docs)/[\w./-]*[\w/])`", text)

    lost = [link for link in links if link and "://" not in link and not (page.parent / link).exists()]
    lost += [path for path in paths if not (ROOT / path).exists()]
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert set(re.findall(r"`lobbyd ([a-z]+)", text)) <= set(COMMANDS)
    assert set(re.findall(r"`make ([a-z]+)", text)) <= targets
