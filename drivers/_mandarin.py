"""Mandarin as it is spoken in a branch: words to syllables in numbered pinyin (qing3), from a table and nothing else.

Tickets are read sign by sign, as customers know them; every other number up to 99 as a number (12: shi2 er4). Letters
stay letters: both a recorded voice and espeak-ng's `cmn-latn-pinyin` say them as people in China do. A pause is `,`.
"""

from __future__ import annotations

import re
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

One: TypeAlias = Literal["一", "幺"]
"""How the digit 1 of a ticket is read: yi1, or yao1 as over the telephone, which is not taken for 7 (qi1)."""

PAUSE: Final = ","

_TABLE: Final = """
业 ye4 临 lin2 也 ye3 人 ren2 今 jin1 从 cong2 们 men5 作 zuo4 信 xin4 候 hou4 停 ting2 先 xian1 光 guang1 全 quan2
再 zai4 出 chu1 分 fen1 到 dao4 办 ban4 务 wu4 助 zhu4 勿 wu4 协 xie2 即 ji2 取 qu3 口 kou3 叫 jiao4 可 ke3 台 tai2
号 hao4 听 ting1 员 yuan2 咨 zi1 器 qi4 在 zai4 堂 tang2 处 chu4 备 bei4 复 fu4 多 duo1 大 da4 好 hao3 安 an1 客 ke4
将 jiang1 工 gong1 已 yi3 常 chang2 开 kai1 异 yi4 待 dai4 心 xin1 恢 hui1 惊 jing1 意 yi4 慌 huang1 我 wo3 手 shou3
打 da3 找 zhao3 招 zhao1 按 an4 排 pai2 放 fang4 旁 pang2 日 ri4 早 zao3 暂 zan4 有 you3 未 wei4 机 ji1 束 shu4
来 lai2 次 ci4 正 zheng4 此 ci3 流 liu2 烊 yang4 现 xian4 理 li3 生 sheng1 用 yong4 电 dian4 留 liu2 疑 yi2 离 li2
稍 shao1 窗 chuang1 等 deng3 系 xi4 约 yue1 结 jie2 统 tong3 缴 jiao3 耐 nai4 能 neng2 自 zi4 至 zhi4 要 yao4
让 rang4 设 she4 话 hua4 询 xun2 请 qing3 谢 xie4 账 zhang4 费 fei4 跟 gen1 较 jiao4 过 guo4 选 xuan3 通 tong1
速 su4 道 dao4 部 bu4 钟 zhong1 错 cuo4 问 wen4 陌 mo4 需 xu1 别 bie2 上 shang4 转 zhuan3 第 di4 柜 gui4
零 ling2 一 yi1 二 er4 三 san1 四 si4 五 wu3 六 liu4 七 qi1 八 ba1 九 jiu3 十 shi2 幺 yao1
谢谢 xie4-xie5 部分 bu4-fen5 早上 zao3-shang5
"""
"""Every character of the delivered texts in its one reading there, and the words in which it has another."""

_entries: Final = iter(_TABLE.split())
SYLLABLES: Final[Mapping[str, str]] = MappingProxyType(dict(zip(_entries, _entries, strict=True)))
DIGITS: Final = "零一二三四五六七八九"

_COUNTED_MOST: Final = 99
_TOKEN: Final = re.compile(
    "|".join(
        [
            "(?P<word>" + "|".join(sorted(SYLLABLES, key=len, reverse=True)) + ")",
            "(?P<number>[0-9]+)",
            "(?P<letter>[A-Za-z])",
            r"(?P<pause>[，。、！？；：,.!?;:])",
            r"(?P<nothing>[\s\-_·]+)",
            "(?P<strange>.)",
        ]
    )
)


class Unsayable(ValueError):
    """There are words that the table does not know; the message names them."""


def syllables(words: str, *, ticket: str = "", one: One = "一") -> tuple[str, ...]:
    """What is to be said, sound by sound: syllables, capital letters and pauses. Unsayable names what it cannot say.

    The first occurrence of `ticket` is read sign by sign, with `one` for 1.
    """
    before, found, after = words.partition(ticket) if ticket else (words, "", "")
    said = tuple(chain(_read(before), _spelt(found, one), _read(after)))
    strange = "".join(sound.removeprefix(_STRANGE) for sound in said if sound.startswith(_STRANGE))
    if strange:
        raise Unsayable(f"no reading is known of {strange}")
    return said


_STRANGE: Final = "?"


def _read(words: str) -> Iterator[str]:
    for token in _TOKEN.finditer(words):
        text = token[0]
        match token.lastgroup:
            case "word":
                yield from SYLLABLES[text].split("-")
            case "number":
                yield from _number(text)
            case "letter":
                yield text.upper()
            case "pause":
                yield PAUSE
            case "strange":
                yield _STRANGE + text


def _spelt(ticket: str, one: One) -> Iterator[str]:
    for sign in ticket:
        if sign.isdecimal() and sign.isascii():
            yield SYLLABLES[one if sign == "1" else DIGITS[int(sign)]]
        else:
            yield from _read(sign)


def _number(digits: str) -> Iterator[str]:
    if len(digits) > 1 and (digits[0] == "0" or int(digits) > _COUNTED_MOST):
        yield from _spelt(digits, "一")
        return
    tens, ones = divmod(int(digits), 10)
    if tens > 1:
        yield SYLLABLES[DIGITS[tens]]
    if tens:
        yield SYLLABLES["十"]
    if ones or not tens:
        yield SYLLABLES[DIGITS[ones]]
