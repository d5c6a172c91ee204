"""The guard: rules before any understanding. Opt-out words, danger to life, a suspended tenant. Pure, no model.

A word that sounds dangerous is no alarm when it stands in a harmless compound ("Notfalltermin", "Brandschaden"), in the
past, or for something else; the tables below say which.
"""

from __future__ import annotations

import re
from typing import Literal

from runtime.core.conversation import Conversation

Alarm = Literal["opt_out", "opt_in", "emergency", "distress", "suspended"]

_OPT_OUT = {"stopall", "unsubscribe", "optout", "abmelden", "abbestellen", "stop all", "opt out"}
_STOP = {"stop", "stopp"}
_OPT_IN = {"start", "unstop"}
_LIVE_CHATS = {"webchat", "terminal", "api"}
"""Where nothing is sent unasked: a small "stop" there means the present talk."""

_EMERGENCY = re.compile(
    r"\b(es|hier|bei (mir|uns)|(die|unsere|meine) (wohnung|küche)|das haus|der laden) brennt\b|\bfeuer ausgebrochen\b|"
    r"\bes riecht nach gas\b|\bgasgeruch\b|\bgasleck\b|\bbewusstlos\b|\bohnmächtig\b|"
    r"\batmet nicht( mehr)?\b|\bbekomm\w* keine luft\b|\bkrieg\w* keine luft\b|\bherzinfarkt\b|\bherzstillstand\b|"
    r"\bschlaganfall\b|\b(brauch\w*|ruf\w*|hol\w*)\b.{0,30}\b(notarzt|krankenwagen|rettungswagen|feuerwehr)\b|"
    r"\bverblut\w*|\bblutet (sehr )?stark\b|\büberfall\w*\b.{0,20}\bgerade\b|\bwerde (gerade )?überfallen\b|"
    r"\bnotfall\W{0,3}(schnell|hilfe|bitte)\b|\b(hilfe|schnell)\W{0,3}(ein )?notfall\b|"
    r"\b(house|kitchen|shop|building|place|room) is on fire\b|\bthere'?s? (is )?a fire\b|\bwe have a fire\b|"
    r"\bsmell(s|ing)? (of )?gas\b|\bgas leak\b|\bunconscious\b|\b(not|isn'?t|stopped) breathing\b|\bcan'?t breathe\b|"
    r"\bheart attack\b|\bhaving a stroke\b|\b(call|need|get|send)\b.{0,20}\b(ambulance|911|999|112|fire brigade)\b|"
    r"\bbleeding (heavily|badly|to death)\b|\bbeing robbed\b|\bcollapsed\b.{0,30}\b(floor|breath|respond)"
)
_DISTRESS = re.compile(
    r"\b(will|möchte|mag|kann) nicht mehr leben\b|\bmich umbringen\b|\bbring\w* mich um\b|\bsuizid\w*|\bselbstmord\w*|"
    r"\bmir das leben nehmen\b|\bmir (selbst )?etwas antun\b|\b(will|möchte) (einfach )?(nur )?(noch )?sterben\b|"
    r"\bwäre lieber tot\b|\bnicht mehr leben (will|möchte)\b|\bmich (selbst )?(ritzen|verletzen)\b|"
    r"\bkill(ing)? myself\b|\bend(ing)? my life\b|\b(want|wish) to die\b|\bwanna die\b|\bsuicid\w*|"
    r"\b(hurt|harm|cut)(ing)? myself\b|\bdon'?t want to (live|be alive)\b|\bbetter off dead\b|\bself[- ]harm"
)
_HARMLESS = re.compile(
    r"\b(hatte|hatten|gehabt|letztes jahr|letzten (monat|sommer|winter)|vor (\w+) (jahr|monat|woche)\w*|früher|damals|"
    r"had|last (year|month|week)|years? ago|months? ago|weeks? ago|in the past|used to)\b|"
    r"\b(vorsorge|kurs|training|übung|seminar|versicherung|prevention|insurance|drill|"
    r"first[- ]aid course|film|buch|movie|book|song|squad|prävention)\b"
)


def guard(conversation: Conversation, texts: tuple[str, ...]) -> Alarm | None:
    """What the rules find in a customer's words, the most urgent first; None lets them through."""
    words = " ".join(texts).lower()
    if _DISTRESS.search(words) and not _HARMLESS.search(words):
        return "distress"
    if _EMERGENCY.search(words) and not _HARMLESS.search(words):
        return "emergency"
    if conversation.desk is not None and conversation.desk.suspended:
        return "suspended"
    return _consent(conversation, texts[-1]) if texts else None


def _consent(conversation: Conversation, text: str) -> Alarm | None:
    """Opt-out and opt-in words count only alone; in a live chat a small "stop" is no opt-out."""
    word = re.sub(r"[^\w ]", "", text).strip()
    if word.lower() in _OPT_OUT:
        return "opt_out"
    if word.lower() in _STOP:
        return "opt_out" if word.isupper() or conversation.channel not in _LIVE_CHATS else None
    return "opt_in" if conversation.opted_out and word.lower() in _OPT_IN else None
