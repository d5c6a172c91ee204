"""Languages that the desk does not speak, known by their letters or their small words: said so, not guessed at (I5)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from runtime.understanding.tokens import word_set

_SCRIPTS = {
    "CYRILLIC": "ru", "ARABIC": "ar", "GREEK": "el", "HEBREW": "he", "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja",
    "HANGUL": "ko", "DEVANAGARI": "hi", "THAI": "th", "GEORGIAN": "ka", "ARMENIAN": "hy",
}  # fmt: skip
_WORDS = {
    "tr": word_set("merhaba selam randevu almak istiyorum bir icin var mi evet hayir tesekkurler tesekkuerler lutfen "
                   "luetfen yarin bugun buguen ne zaman nasil musunuz misiniz gun guen saat kac ve degil"),
    "fr": word_set("bonjour bonsoir salut je voudrais un une rendez vous prendre pour demain merci est c'est avec "
                   "pouvez oui non s'il plait les des du quand combien parlez francais le la"),
    "es": word_set("hola buenos buenas dias tardes quiero quisiera una cita para manana gracias por favor con puedo "
                   "cuando cuanto habla espanol tengo los las el que si"),
    "it": word_set("ciao buongiorno buonasera vorrei prenotare un una appuntamento per domani grazie con posso quando "
                   "quanto parla italiano prego sono il che di"),
    "pl": word_set("dzien dobry czesc chcialbym chcialabym sie umowic wizyte na jutro prosze dziekuje czy kiedy ile "
                   "mozna tak nie jest mam"),
    "nl": word_set("hallo goedemorgen goedendag ik wil graag een afspraak maken voor morgen dank alstublieft kan "
                   "wanneer hoeveel spreekt nederlands het niet"),
    "pt": word_set("ola bom dia boa tarde quero queria marcar uma consulta para amanha obrigado obrigada por favor "
                   "quando quanto fala portugues nao voce"),
    "ro": word_set("buna ziua as vrea o programare pentru maine multumesc va rog cand cat vorbiti romana nu este"),
}  # fmt: skip
_NAMES = {
    "tr": word_set("tuerkisch turkish"), "fr": word_set("franzoesisch french"), "es": word_set("spanisch spanish"),
    "it": word_set("italienisch italian"), "pl": word_set("polnisch polish"), "nl": word_set("niederlaendisch dutch"),
    "ru": word_set("russisch russian"), "ar": word_set("arabisch arabic"), "uk": word_set("ukrainisch ukrainian"),
    "pt": word_set("portugiesisch portuguese"), "ro": word_set("rumaenisch romanian"),
    "el": word_set("griechisch greek"), "zh": word_set("chinesisch chinese"), "fa": word_set("farsi persisch persian"),
}  # fmt: skip
_SPEAK = word_set("sprechen sprecht sprichst spricht reden koennen kann kannst speak talk speaks")
ENOUGH = 3
"""So many small words of a language, and more than of ours, make a text one in it."""


def foreign_language(text: str, words: Sequence[str], ours: int) -> str:
    """The code of a language that we do not speak; `ours` counts the telling words of those that we do."""
    script = _script(text)
    if script:
        return script
    asked = _asked_for(words)
    if asked:
        return asked
    counts = {code: len(known.intersection(words)) for code, known in _WORDS.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] >= ENOUGH and counts[best] > 2 * ours else ""


def _script(text: str) -> str:
    """By its letters: most of them are of a script that we cannot read."""
    letters = [letter for letter in text[:200] if letter.isalpha()]
    strange = [letter for letter in letters if ord(letter) > 0x370]
    if not strange or len(strange) * 2 < len(letters):
        return ""
    name = unicodedata.name(strange[0], "").split(" ")[0]
    return _SCRIPTS.get(name, "und")


def _asked_for(words: Sequence[str]) -> str:
    """ "Sprechen Sie Türkisch?"."""
    if not _SPEAK.intersection(words) or len(words) > 6:
        return ""
    return next((code for code, names in _NAMES.items() if names.intersection(words)), "")
