"""The small words of questions, by language: those that say nothing, that ask, and that deny."""

# ruff: noqa: SIM905  (letters of other languages are meant; word lists read best as lines)

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from schemas.wording import stem


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """A language's small words, as written in lower case; `bare` takes a word's ending off.

    Without `filler` a question still asks the same; what it asks for (how, which) is none of them, and neither is what
    denies. `asking` words name nothing that an answer could be found by. `denial` is what a question denies with.
    """

    filler: frozenset[str]
    asking: frozenset[str]
    denying: frozenset[str]
    bare: Callable[[str], str]
    signs: frozenset[str] = frozenset()
    """Letters and marks that no other of these languages has."""

    def heard_in(self, words: list[str], letters: frozenset[str]) -> int:
        """Count what speaks for this language: small words, and letters of its own."""
        small = sum(word in self.filler or word in self.asking or word in self.denying for word in words)
        return small + 2 * len(self.signs & letters)


def _without(endings: str, *, shortest: int) -> Callable[[str], str]:
    pattern = re.compile(rf"(?<=\w{{{shortest}}})(?:{endings})$")
    return lambda word: pattern.sub("", word)


_ENGLISH: Final = QuestionWords(
    filler=frozenset(
        "a an and any are as at be been but by can come comes could did do does for from get got had has have i if in "
        "is it it's its just me my of on or our please product really should so some than that the their them then "
        "there these they this those to too us use used very was we well were will would you your hi hello "
        "thanks".split()
    ),
    asking=frozenset("how what when where which who why long many much big one ones not no never".split()),
    denying=frozenset("not no never without cannot".split()),
    bare=stem,
)
_GERMAN: Final = QuestionWords(
    filler=frozenset(
        "ein eine einen einem einer eines der die das den dem des und oder auch ist sind war wird werden kann können "
        "könnte man hat haben habe ich du sie er es wir ihr mir mich dir sich mein meine meinen dein ihre ihren bitte "
        "hallo danke denn eigentlich so sehr dieser diese dieses diesen diesem zu zum zur am im in an auf von vom für "
        "bei da dass ob produkt artikel gibt darf soll".split()
    ),
    asking=frozenset(
        "wie was wann wo welche welcher welches welchen wer warum wieso viel viele groß lang nicht kein keine keinen "
        "keinem keiner nie niemals".split()
    ),
    denying=frozenset("nicht kein keine keinen keinem keiner nie niemals ohne".split()),
    bare=_without("en|er|em|es|e|n|s", shortest=4),
    signs=frozenset("äöüß"),
)
_FRENCH: Final = QuestionWords(
    filler=frozenset(
        "un une des le la les du de et ou est sont était être a ont ai avez avoir peut peuvent pouvez peux il elle ils "
        "elles on nous vous je tu ce cet cette ces que à au aux en dans pour sur y me mon ma mes votre vos notre nos "
        "son sa ses leur se te bonjour merci svp s'il plaît produit article très bien ça cela".split()
    ),
    asking=frozenset(
        "comment quel quelle quels quelles quand où qui quoi pourquoi combien grand grande long longue pas non ni "
        "jamais ne aucun aucune".split()
    ),
    denying=frozenset("pas non ni jamais sans aucun aucune".split()),
    bare=_without("s|x", shortest=3),
    signs=frozenset("çœèêîû"),
)
_SPANISH: Final = QuestionWords(
    filler=frozenset(
        "un una unos unas el la los las lo de del y o e es son era está están estar ser ha han he hay tiene tienen "
        "puede pueden puedo se me mi mis su sus tu tus nuestro este esta estos estas ese esa esto eso a al en por para "
        "que qué hola gracias favor producto artículo muy".split()
    ),
    asking=frozenset(
        "cómo como cuál cuáles cuándo cuando dónde donde quién quien cuánto cuánta cuántos cuántas grande largo larga "
        "no nunca jamás ni ningún ninguna tampoco".split()
    ),
    denying=frozenset("no nunca jamás sin ni ningún ninguna tampoco".split()),
    bare=_without("es|s", shortest=3),
    signs=frozenset("¿¡ñ"),
)
CHINESE: Final = QuestionWords(
    filler=frozenset("吗呢吧啊呀的了是请问这个款件那能会有你您我们它"),
    asking=frozenset("多什么怎样哪几谁何少不没无非别"),
    denying=frozenset("不没无非别"),
    bare=lambda word: word,
)
"""Its words are its characters: without spaces nobody says where one ends."""

_LANGUAGES: Final = (_ENGLISH, _GERMAN, _FRENCH, _SPANISH)
DENYING: Final = frozenset(one.bare(word) for one in (*_LANGUAGES, CHINESE) for word in one.denying)
ASKING: Final = frozenset(one.bare(word) for one in (*_LANGUAGES, CHINESE) for word in one.asking)
"""The words of all languages that deny and that ask, as they stand in what is compared."""


def spoken(words: list[str], letters: frozenset[str]) -> QuestionWords:
    """Give the language that most of a question's words and letters speak for, English where none or several do."""
    return max(_LANGUAGES, key=lambda one: one.heard_in(words, letters))
