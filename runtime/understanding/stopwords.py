"""Common words: they name no service and nobody, and they tell the language of a text."""

from __future__ import annotations

from runtime.understanding.tokens import word_set

GERMAN = word_set(
    """
    ich du er sie es wir ihr mich mir dich dir ihn ihm uns euch ihnen mein meine meinen meinem meiner dein
    deine deinen sein seine seinen unser unsere unseren euer eure euren ihre ihren ihrem ihrer der die das
    den dem des ein eine einen einem einer eines kein keine keinen und oder aber doch sondern denn weil dass
    ob wenn als wie wo wann warum wieso was wer wen wem welche welcher welches welchen ist sind war waren
    bin bist seid sein habe hab hast hat haben hatte haette haetten wird werden wurde worden wuerde wuerden
    kann kannst koennen koennt koennte koennten muss musst muessen soll sollte sollten darf will willst
    wollen wollte moechte moechten mag machen mache macht gemacht geht gehen ging gibt gab nicht nichts nur
    auch noch schon mal einmal wieder sehr ganz gern gerne lieber bitte danke ja nein doch hier da dort dann
    jetzt heute morgen uebermorgen immer nie mit ohne fuer bei zu zum zur nach von vom aus auf an am im in
    um ab bis ueber unter vor seit gegen durch zwischen wegen hallo hi guten tag abend uhr zeit termin
    termine so etwa ungefaehr sowie alles alle beide etwas mehr viel diese dieser dieses diesen naechste
    naechsten naechster naechstes woche brauche brauchen lassen heisse heissen name namen leider vielleicht
    eigentlich wirklich genau einfach kurz frage fragen buchen frei vormittags nachmittags abends frueh
    spaet spaeter frueher anderen anderer andere
    """
)
ENGLISH = word_set(
    """
    i you he she it we they me him her us them my your his its our their mine yours the a an and or but not
    no yes is are was were be been am do does did don't doesn't didn't have has had haven't will would won't
    wouldn't can could can't cannot couldn't should shall may might must this that these those there here
    what which who whom whose when where why how if then than as at by for from in into of on off out over
    to up with without about after before between during until till around so too very just only also again
    still already any some all both each every more most other another please thanks thank hello hi hey
    today tomorrow morning afternoon evening next week want need like i'd i'm i'll i've it's that's let's
    what's get got make made go going come take appointment book time o'clock name called under sorry
    actually rather instead maybe one ones something anything nothing someone anyone day free available new
    now later earlier
    """
)
SHARED = GERMAN & ENGLISH | word_set(
    """
    hi an in so will was am die war man art hat bin not
    """
)
STOPWORDS = (GERMAN | ENGLISH) - {"kurz", "new", "back"}
