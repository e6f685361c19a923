"""The pages' words: both languages say the same things, and everything the pages say has words."""

import gzip
import json
import re
from typing import Any, get_args

import pytest

from edge.core import events as ev
from edge.core.apply.devices import UNHEARD_OF
from edge.core.commands import Priority
from edge.core.triage.rule import ZONES
from edge.core.triage.words import FORBIDDEN
from edge.shell import health
from edge.web.ports import Cause
from edge.web.routes import STATIC

LANGUAGES = ("zh", "en")
SHELL_MOST = 60_000
"""Bytes of everything a handheld loads, compressed."""


def catalogue(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((STATIC / "i18n" / f"{language}.json").read_text(encoding="utf-8"))
    return found


def written(*suffixes: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in STATIC.rglob("*") if path.suffix in suffixes)


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(catalogue("zh")) == list(catalogue("en"))


def test_both_languages_have_the_same_placeholders() -> None:
    zh, en = catalogue("zh"), catalogue("en")

    assert {key: set(re.findall(r"\{(\w+)\}", text)) for key, text in zh.items()} == {
        key: set(re.findall(r"\{(\w+)\}", text)) for key, text in en.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_are_missing_or_left_in_the_other_language(language: str) -> None:
    texts = catalogue(language)

    assert [key for key, text in texts.items() if not text.strip()] == []
    if language == "en":
        assert [key for key, text in texts.items() if re.search(r"[\u4e00-\u9fff]", text)] == []


def test_every_key_the_pages_name_has_words() -> None:
    named = set(re.findall(r"\bt\('([\w.-]+)'", written(".js")))
    named |= set(re.findall(r'data-t(?:-label)?="([\w.-]+)"', written(".html")))

    assert named - set(catalogue("zh")) == set()
    assert len(named) > 50


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        ("priority", get_args(Priority)),
        ("zone", ZONES),
        ("role", (*get_args(ev.Role), "any_staff", "headquarters")),
        ("state", get_args(ev.DeviceState)),
        ("kind", get_args(ev.DeviceKind)),
        ("need", get_args(ev.Need)),
        ("tier", [tier for tier in get_args(ev.Tier) if tier != "ordinary"]),
        ("detail", (health.LOST, health.SILENT, health.UNSAID, health.BACK, health.MENDED, UNHEARD_OF)),
        ("trouble", get_args(Cause)),
        ("refusal", ("not_open", "taken", "nobody_above", "urgent", "listed_only")),
    ],
)
def test_every_id_of_the_contract_has_a_word(kind: str, ids: Any) -> None:
    wanted = {f"{kind}.{id}" for id in ids}

    assert wanted - set(catalogue("zh")) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_forbidden_is_said(language: str) -> None:
    said = "\n".join(catalogue(language).values()).lower()

    assert [phrase for phrase in FORBIDDEN if phrase in said] == []


def test_pages_hold_no_script_and_no_style_of_their_own() -> None:
    for page in STATIC.glob("*.html"):
        html = page.read_text(encoding="utf-8")
        assert re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", html) is None, page.name


def test_no_page_makes_markup_of_text() -> None:
    assert re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", written(".js")) is None


def test_the_pages_fetch_nothing_from_elsewhere() -> None:
    found = re.findall(r"https?://[^\s'\"<>)]+", written(".js", ".css", ".html", ".svg"))

    assert set(found) == {"http://www.w3.org/2000/svg"}


def test_the_whole_of_a_handheld_is_small() -> None:
    board = {"board.html", "board.css", "board.js", "index.html", "index.css", "index.js"}
    sizes = {
        p.name: len(gzip.compress(p.read_bytes())) for p in STATIC.rglob("*") if p.is_file() and p.name not in board
    }

    assert sum(sizes.values()) <= SHELL_MOST, sizes
