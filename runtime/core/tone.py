"""How a thing is said, by rules for German and English: threats, abuse, anger, grief, tricks. Pure, no model.

A threat goes to people at once (J4). Abuse is let pass, then limited, then ended (J2, J3). Anger about the business is
offered a person (J1). A loss or an illness calls for few words (J7). A text that wants to command the machine is
answered like any wish that we cannot fulfil (H12).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from runtime.core.danger import fold

Tone = Literal["threat", "hate", "swearing", "anger", "loss", "illness", "probe"]

_THREAT = (
    r"\b(ich|wir) (bring\w*|stech\w*|knall\w*|schiess\w*|mach\w*|schlag\w*) (euch|dich|sie|ihn|alle)( \w+){0,3} "
    r"(um|kalt|ab|tot|nieder)\b(?=\W*(?:$|[.!?,\n]|und\b|wenn\b))|\b(ich|wir) mach\w* (euch|dich)( \w+)? fertig\b",
    r"\b(ich|wir) (zuend\w*|fackel\w*|spreng\w*)( \w+){0,4} (an|ab|in die luft)\b",
    r"\b(eine|die) bombe\b.{0,30}\b(laden|salon|studio|praxis|gelegt|hochgeh\w*|bei (euch|ihnen))\b",
    r"\bich weiss,? wo (du|ihr|sie) (wohn\w*|arbeite\w*)\b|\b(du|ihr) (bist|seid) tot\b",
    r"\bich komme?( \w+){0,3} (mit (einem|meinem) (messer|knarre|waffe)|und dann (gnade|knallt))\b",
    r"\b(i'?ll|i will|i'?m going to|we'?ll|gonna)( \w+){0,2} (kill|shoot|stab|beat|hurt|murder)( \w+)? "
    r"(you|him|her|them|everyone|all of you|your staff)\b",
    r"\b(i'?ll|i will|i'?m going to|gonna)( \w+){0,2} burn( \w+){0,3} (shop|place|salon|studio|house|it) down\b",
    r"\bbomb (in|at|under) (your|the)\b|\bi know where you (live|work)\b|\byou('re|"
    r" are) (all )?dead\b(?! (right|on|set))",
)
_HATE = (
    r"\b(fick|ficken|blas\w* mir|lutsch\w*|nutte\w*|hure\w*|hurensohn\w*|fotze\w*|schlampe\w*|wichs\w*|"
    r"missgeburt\w*)\b",
    r"\b(kanake\w*|nigger\w*|judensau|schwuchtel\w*|vergas\w*|untermensch\w*)\b",
    r"\b(suck my|blow ?job|cunt\w*|whore\w*|slut\w*|faggot\w*|nigg\w+|send nudes|nackt(bild|foto)\w*)\b",
)
_SWEARING = (
    r"\b(scheiss\w*|arschloch\w*|verpiss\w*|idiot\w*|vollidiot\w*|depp\w*|trottel\w*|bloede[rs]? (kuh|sau|"
    r"bot)|drecks\w*|"
    r"verdammt\w*|halt('s| die) (maul|fresse|klappe)|du (bist|blode\w*) (dumm|bloed|nutzlos|unfaehig))\b",
    r"\b(fuck\w*|shit\w*|asshole\w*|bullshit|piss off|stupid (bot|machine|thing)|dumb(ass)?|moron\w*|shut up|"
    r"you('re| are) (useless|stupid|dumb|an idiot))\b",
)
_ANGER = (
    r"\bumsonst (gekommen|gefahren|gewartet|hingefahren)\b|\bunverschaemt\w*|\bfrechheit\b|\bstinksauer\b|"
    r"\bunmoeglich von\b",
    r"\b(ich bin|wir sind) (so |sehr |echt |richtig |total |wirklich )*(sauer|wuetend|veraergert|empoert|"
    r"enttaeuscht)\b",
    r"\b(ich|wir) (moechte|moechten|will|wollen|muss) mich beschwer\w*|\bbeschwerde\b|"
    r"\bdas ist (ja )?(eine )?unverschaemtheit\b",
    r"\b(schlechtester?|miserabler?|katastrophaler?) (service|laden|erfahrung)\b|\bmir reicht'?s\b|"
    r"\bvermurkst\b|\bverhunzt\b",
    r"\b(came|drove|waited) (all that way )?for nothing\b|\boutrageous\b|\bdisgrace(ful)?\b|"
    r"\bunacceptable\b|\bridiculous\b",
    r"\b(i'?m|i am|we'?re|we are) (so |very |really |absolutely )*(angry|furious|livid|fuming|disgusted|upset with)\b",
    r"\b(make|file|have|want) (a )?(formal )?complain(t)?\b|\bto complain\b|\b(worst|terrible|"
    r"awful) (service|experience)\b|"
    r"\bi'?ve had enough\b|\bruined my (hair|nails)\b",
)
_LOSS = (
    r"\b(mein\w*|unser\w*)( \w+){0,2} (ist|sind)( \w+){0,4} (gestorben|verstorben|tot|entschlafen)\b",
    r"\b(trauerfall|todesfall|sterbefall)\b|\b(auf|zu) (der|die|einer|eine|meiner) (beerdigung|beisetzung|"
    r"trauerfeier)\b",
    r"\b(habe|hab|haben) mein\w*( \w+){0,2} verloren\b.{0,30}\b(gestern|heute|letzte)\b",
    r"\bmy( \w+){0,2} (has |have |just |sadly )*(died|passed away|passed on)\b(?! (my|the|her|his|it))|"
    r"\ba death in (the|my|our) family\b|"
    r"\b(to|for|at) (a|the|my|his|her)( \w+)? funeral\b|\bbereavement\b",
)
_ILLNESS = (
    r"\b(ich bin|wir sind|bin leider|mein\w* (kind|sohn|tochter|mann|frau) ist)( \w+){0,2} (krank|"
    r"erkrankt|im krankenhaus)\b",
    r"\b(habe|hab|hat|haben)( \w+){0,2} (corona|grippe|fieber|magen-?darm|migraene)\b|\bkrank geworden\b|"
    r"\bkrankgeschrieben\b",
    r"\bliege?( \w+){0,2} (flach|im krankenhaus|krank im bett)\b",
    r"\b(i'?m|i am|we'?re|my( \w+)? is|feeling)( \w+){0,2} (ill|sick|unwell|poorly|in (the )?hospital)\b(?! of)",
    r"\b(i have|i'?ve got|has|got)( \w+){0,2} (the flu|covid|a fever|a migraine|food poisoning|a stomach bug)\b",
)
_PROBE = (
    r"\b(ignore|disregard|forget|override)( \w+){0,3} (instructions?|prompts?|rules|guidelines)\b",
    r"\b(ignorier\w*|vergiss|vergesse?n? sie|missachte\w*)( \w+){0,4} (anweisung\w*|regeln|vorgaben|"
    r"prompts?|instruktion\w*)\b",
    r"\b(system|developer|hidden|initial) ?-?prompts?\b|\b(deinen?|ihren?|your) prompts?\b|"
    r"\bsystemprompt\w*|\bjailbreak\w*",
    r"\b(you are|du bist|sie sind) (now|jetzt|ab jetzt|ab sofort) (an?|ein\w*|im|in|der|die|dan|no longer)\b",
    r"\b(act|behave|pretend)( \w+)? (as|like|to be) (an? )?(admin\w*|developer|root|unrestricted|dan)\b",
    r"\b(i am|i'?m|ich bin|hier ist) (the |der |dein |your )(admin\w*|system ?administrator\w*|root|"
    r"entwickler|developer)\b",
    r"</?(system|assistant|tool|instructions?)>|\[/?inst\]|<\|\w+\|>|^\s*(system|assistant|developer)\s*:",
    r"\{\s*\"?(command|commands|tool|action|role)\"?\s*:|\bdrop table\b|\b(execute|run) (the )?(command|code|sql)\b",
    r"\b(developer|admin|debug|god|dan)[- ]mode\b|\b(admin|entwickler|debug)[- ]?modus\b",
)
_PATTERNS: tuple[tuple[Tone, tuple[str, ...]], ...] = (
    ("threat", _THREAT), ("probe", _PROBE), ("hate", _HATE), ("loss", _LOSS), ("illness", _ILLNESS),
    ("anger", _ANGER), ("swearing", _SWEARING),
)  # fmt: skip
"""The most urgent first: a text has one tone."""
_TABLES = tuple((tone, re.compile("|".join(f"(?:{pattern})" for pattern in rows))) for tone, rows in _PATTERNS)
_STORY = re.compile(r"\b(film|serie|buch|lied|im spiel|movie|song|book|series|im scherz|just kidding|quatsch)\b")


def tone_in(texts: Sequence[str]) -> Tone | None:
    """The tone of these texts taken together; None for the plain ones, which is nearly all."""
    folded = fold(" ".join(texts))
    for tone, table in _TABLES:
        if table.search(folded) and not (tone == "threat" and _STORY.search(folded)):
            return tone
    return None
