"""The words of danger to life, as readable tables: what tells of it, and what explains that nobody is in danger now.

One row a situation, German (also of Austria and Switzerland) and English; texts are folded before (`danger.fold`). A
new row needs its stem in `STEMS`, a true sentence and the harmless ones nearest to it in `tests/core/test_guard.py`.
"""

from __future__ import annotations

_PERSON = (
    r"(er|sie|es|jemand|man|mein\w*|unser\w*|ein\w*|der|die|das|he|she|somebody|someone|my|our|a|the)"
    r"( \w+)? (mann|frau|mutter|mama|vater|papa|kind|sohn|tochter|baby|oma|opa|bruder|schwester|freund\w*|kolleg\w*|"
    r"chef\w*|nachbar\w*|kund\w*|gast|mitarbeiter\w*|husband|wife|mother|mum|father|dad|child|son|daughter|grandma|"
    r"grandpa|brother|sister|friend|colleague|boss|neighbou?r|customer|client|man|woman|guest)|"
    r"\b(er|sie|jemand|he|she|somebody|someone)\b"
)
_GONE = r"(bewusstlos|ohnmaechtig|umgekippt|zusammengebrochen|nicht (mehr )?ansprechbar)"
_HELP = r"(notarzt|krankenwagen|rettungswagen|rettungsdienst|feuerwehr)"
_HEART = r"(herzinfarkt|herzattacke|herzstillstand|schlaganfall|hirnschlag|hirnblutung|schlagerl)"

EMERGENCY = (
    # fire and gas
    r"\b(es|hier|bei (mir|uns)|(die|unsere|meine) (wohnung|kueche)|(das|unser|mein) haus|der (laden|keller)) brennt\b",
    r"\bfeuer ausgebrochen\b|^(feuer|es brennt|fire)$|\bgasgeruch\b|\bgasleck\b",
    r"\b(es riecht|riecht es|riecht hier) (hier )?(stark )?nach gas\b",
    r"\b(house|flat|kitchen|shop|building|place|room) is on fire\b|\bsmell(s|ing)? (of )?gas\b|\ba? ?gas leak\b",
    r"\b(there'?s|there is|we have) (a )?fire\b(?! (sale|drill|place|pit|exit|door|extinguisher|alarm))",
    r"\b(hier|bei uns) brennts\b|\b(im|in der|auf dem) (\w+ )?(keller|\w*haus|kueche|flur|gang|salon|laden|lager|buero|"
    r"dachboden|garage) brennt( e)?s\b|\bbrennt es (im|in der|auf dem) (keller|\w*haus|kueche|flur|salon|laden|"
    r"lager)\b",
    r"\b(das|mein|unser|ihr|der|ein) (auto|wagen|dach|dachstuhl|christbaum|weihnachtsbaum|muelleimer|papierkorb|"
    r"vorhang|"
    r"salon|herd) brennt\b(?! (nicht|kein))",
    r"^((hilfe|achtung|schnell|es ist) )*feuer (bei uns |hier )?(im|in der|in unserem|in unserer) (salon|laden|\w*haus|"
    r"keller|flur|kueche|wohnung|gebaeude|buero|praxis|werkstatt|lager)\b|^(feuer ?|fire ?){2,}$",
    r"\b(stroemt|tritt|entweicht)( \w+)? gas aus\b|\bgas (stroemt|tritt) aus\b|\bentweicht( \w+)? gas\b|"
    r"\bgasaustritt\b",
    r"\b(salon|car|van|office|garage|roof|bin|curtains?|oven|stairwell|hallway) (is|are) on fire\b|\bcaught fire\b",
    r"\bsmoke and flames\b|\bflames everywhere\b",
    # a body that gives up
    rf"({_PERSON}).{{0,30}}\bkollabiert\b|\bbewusstsein verloren\b(?! gehabt)|\b(ist|liegt) ohne bewusstsein\b",
    r"\bliegt\b.{0,30}\bruehrt sich nicht\b|\bschnauft nicht( mehr)?\b",
    r"\b(kind|baby|sohn|tochter|sie|er|mann|frau|oma|opa) erstickt\b(?! (in|an|vor|fast|unter) (arbeit|der|lachen))",
    r"\bblutet (wie verrueckt|ohne ende)\b|\bhoert nicht auf zu bluten\b",
    r"\bblutung (hoert nicht auf|laesst sich nicht stoppen|ist nicht zu stoppen)\b",
    rf"\blost consciousness\b|({_PERSON})('s)?.{{0,15}}\bunresponsive\b|\b(in|into|having a) cardiac arrest\b",
    r"\b(his|her) heart( has|'s)?( just)? stopped\b|\blosing (a lot|lots|so much|too much)( of)? blood\b",
    r"\b(won'?t|doesn'?t|can'?t|not) stop (the )?bleeding\b",
    rf"({_PERSON}).{{0,30}}\b{_GONE}\b|\b(liegt|lag|ist|wurde) (gerade )?bewusstlos\b|^bewusstlos",
    rf"({_PERSON}).{{0,40}}\b(reagiert|bewegt sich) nicht\b|\batmet (gar |ueberhaupt )?nicht( mehr)?\b",
    r"\b(bekomm\w*|krieg\w*)( ich| er| sie)? (gerade )?keine luft\b|\bdroht zu ersticken\b|\bam ersticken\b",
    rf"\b(hat|habe|bekommt|bekomme|kriegt|kriege|erleidet|verdacht auf)( \w+){{0,4}} {_HEART}\b|^(ein )?{_HEART}$",
    rf"\bhatte( \w+){{0,3}} (einen )?{_HEART}\b",
    r"\bverblut\w*|\bblutet (sehr |so |extrem )?stark\b|\bstark(e)? blut(et|ung)\b",
    r"\bunconscious\b(?! bias)|\b(not|isn'?t|stopped) breathing\b|\b(can'?t|cannot) breathe\b(?! in (this|that|these|"
    r"my|the)\b)|\bchoking\b(?! up)",
    r"\b(ha(s|ve|ving)|had|got) (just )?(had )?(a |an )?(heart attack|stroke)\b|^heart attack$",
    r"\bbleeding (so |very )?(heavily|badly|to death|out)\b",
    rf"({_PERSON}).{{0,20}}\b(collapsed|passed out|fainted|won'?t wake up|isn'?t responding|not responding)\b",
    # help is called for
    r"\b(ruf\w*|hol\w*|schick\w*|verstaendig\w*)( (bitte|sie|mir|uns|schnell|sofort|doch)){0,3} (die )?(rettung|"
    r"sanitaet|sanitaeter)\b",
    r"\b(ruf\w*|hol\w*|schick\w*)( (bitte|sie|mir|uns|schnell|sofort|doch)){0,3} (die |eine )?ambulanz\b(?! an\b)",
    r"\b(die )?(rettung|sanitaet) (rufen|holen|schicken|verstaendigen)\b",
    r"\b(ruf\w*|waehl\w*)( sie)?( bitte| sofort)?( die| den)? (112|110|144|122|133)( an)?( bitte| schnell)*$",
    r"\b(call|dial|ring|phone)( the)? (911|999|112)( please| now| quick| quickly| right now| immediately| someone)+$",
    r"\b(ring|phone) (911|999|112)$",
    r"\b(ring|phone|fetch)( (for|me|us|an|the|some))* (ambulance|paramedics?|fire brigade)\b(?! (station|service|"
    r"crew|depot))",
    rf"\b(brauch\w*|ruf\w*|hol\w*|schick\w*)( \w+){{0,3}} (den |die |einen |nen |n )?{_HELP}\b(?! termin)",
    rf"\b{_HELP} (rufen|holen|schicken|anrufen)\b|\b(112|110) (an)?(rufen|waehlen)\b",
    r"\b(call|need|get|send)( \w+){0,2} (ambulance|fire brigade|paramedics?)\b",
    r"\b(call|dial)( the)? (911|999|112)\b(?! \w)",
    r"\b(werde|werden) (gerade |hier )?(ueberfallen|ausgeraubt)\b|\bein ueberfall\b|\bbeing (robbed|attacked|mugged)\b",
    r"^(hilfe |schnell |achtung )*((das|dies|hier|es) ist )?(ein )?(echter )?notfall( schnell| hilfe| bitte)*$",
    r"^(help |quick |please )*(it'?s |this is |it is )?(an )?(real )?emergency( help| quick| please)*$",
)  # fmt: skip
DISTRESS = (
    r"\b(will|moechte|mag|kann|wollte)( ich)? (einfach |so )?nicht (mehr|laenger) (weiter)?leben\b"
    r"(?! (in|bei|mit|ohne)\b)",
    r"\bnicht (mehr|laenger) (weiter)?leben (will|moechte|kann|mag)\b|\bkeinen (sinn|grund) (mehr )?(zu|im) leben\b",
    r"\bmich (selbst )?umbringen\b|\bich bringe? mich (noch |jetzt |heute |bald )?um\b|\bbringe mich um\b",
    r"\bmir (selbst )?das leben nehmen\b|\bmir (selbst )?(et)?was antun\b|\bmeinem leben ein ende\b",
    r"\bsuizid\w*|\bselbstmord\w*",
    r"\b(will|mag|moechte|kann)( ich)? nimmer (weiter)?leben\b(?! (in|bei|mit|ohne)\b)|\bmich( selbst)? umzubringen\b",
    r"\b(will|moechte|mag)( ich)?( \w+)? nicht mehr aufwachen\b(?! (um|mit|wegen|so)\b)",
    r"\b(am liebsten|besser) waere ich( \w+)? tot\b(?! (vor|umgefallen|muede))",
    r"\bschluss mit dem leben\b|\bmein leben (zu )?beenden\b|\bspringe( \w+)? (von der bruecke|vor (den|einen) zug|"
    r"vom dach)\b",
    r"\b(want|wanna|going|gonna|ready|think\w*|plan\w*)( to| about| of)?( just)? (end|ending) it all\b",
    r"\b(want|wanna|going|gonna|think\w*)( to| about| of)?( just)? (top|topping) myself\b(?! (up|off))",
    r"\bwish (that )?i (was|were) dead\b|\bdon'?t want to wake up( any ?more| again| ever)*$",
    r"\b(everyone|everybody|they|family|kids|world)( \w+){0,4} better off without me\b(?! as)",
    r"\b(can'?t|cannot) go on living\b(?! (in|with|at|here|there|like)\b)",
    r"\b(will|moechte)( ich)? (einfach |doch )?(nur )?(noch )?sterben\b(?! vor)|\bwaere( ich)? (lieber|besser) tot\b",
    r"\b(will|moechte|werde|muss|koennte)( ich)? mich (selbst )?(ritzen|verletzen|schneiden)\b",
    r"\b(ritze|verletze) mich( selbst)?\b",
    r"\bkill(ing)? myself\b|\b(end|take|taking|ending) my (own )?life\b|\bsuicid\w*",
    r"\b(want|wish|wanna|wanted|ready)( to)?( just)? die\b(?! (of|from|for)\b)|\bbetter off dead\b|\bself[- ]harm\w*",
    r"\b(want|wanna|going|gonna|plan\w*|urge|think\w*|feel\w*)\b.{0,20}\b(hurt|harm|cut)(ting|ing)? myself\b",
    r"\b(cutting|harming) myself\b|\bno (reason|point) (to|in) liv(e|ing)\b",
    r"\bdon'?t want to (live( any ?more| any longer)?\b(?! (in|at|with|near|on|here|there|without|like)\b)|be alive)",
)
STEMS = (
    "brennt", "feuer", "fire", "gas", "bewusstlos", "ohnmaechtig", "umgekippt", "zusammengebrochen", "ansprechbar",
    "reagiert", "bewegt", "atmet", "luft", "erstick", "herz", "schlaganfall", "blut", "unconscious", "breath",
    "choking", "heart", "stroke", "bleed", "collapsed", "passed out", "fainted", "wake up", "respond", "notarzt",
    "wagen", "rettung", "ambulance", "brigade", "paramedic", "112", "110", "911", "999", "ueberfall", "ausgeraubt",
    "robbed", "attacked", "mugged", "notfall", "emergency", "leben", "bring", "antun", "suizid", "selbstmord",
    "sterben", "tot", "ritz", "verletz", "schneiden", "kill", "life", "suicid", "to die", "a die", "t die", "dead",
    "harm", "hurt", "cut", "liv", "alive", "kollabiert", "respons", "blood", "bewusstsein", "schnauf", "hirn",
    "schlagerl", "flame",
    "consciousness", "cardiac", "ambulanz", "sanitaet", "144", "122", "133", "top", "wake", "aufwachen", "umzubringen",
    "better off", "end it", "ending it", "springe", "ruehrt",
)  # fmt: skip
"""Without one of these no row of the tables can be found: most texts need no further look."""
NOW = r"\b(gerade( eben)?|soeben|eben|jetzt|sofort|schnell|right now|just|now)\b"
PAST = r"\b(hatte|hatten|gehabt|gekriegt|bekam|had|used to|nearly|almost|fast|beinahe|gave)\b"
LONG_AGO = (
    r"\b(letzte[sn]? (jahr|monat|woche|sommer|winter|herbst|fruehling|mal)|vor (\w+ ){0,2}(jahr|monat|woche|tag)\w*|"
    rf"damals|frueher|(seit|nach) (meinem|dem|einem|seinem|ihrem) {_HEART}|gestern|"
    r"last (year|month|week|summer|winter|time)|(\w+ )?(years?|months?|weeks?|days?) ago|in the past|yesterday|"
    r"(since|after) (my|the|his|her) (heart attack|stroke))\b"
)
STORY = (
    r"\b(vorsorge|kurs\w*|training\w*|uebung\w*|seminar\w*|versicher\w*|praevention\w*|film\w*|buch|buecher|serie|lied|"
    r"nachsorge\w*|nachuntersuchung|reha\w*|follow[- ]?up|recovery|rehab\w*|aftercare|erste[- ]hilfe\w*|theater\w*|"
    r"verein|spende\w*|attentat\w*|begangen|arbeite\w*|beruf\w*|"
    r"prevention|insurance|drill|class(es)?|course|movie|film|book|song|series|squad|play|first[- ]aid|charity|"
    r"committed|work (for|as|at|with)|alert system)\b"
)
WHAT_IF = (
    r"\b(falls|im falle?|was waere|waere es|wuerde[nt]?|angst|neige\w*|oft|manchmal|immer wieder|leicht mal|"
    r"kein\w* notfall|in case|what if|would(?! (all )?be better off)|afraid|scared|tend to|sometimes|often|"
    r"no emergency|not an emergency)\b"
)
SMALL: tuple[tuple[str, str], ...] = (
    (
        r"brenn|burn|fire",
        r"\b(kopfhaut|haut|augen?|naegel\w*|zunge|hals|magen|wunde|lippen?|lampe|licht|kerze|scalp|skin|eyes?|"
        r"throat)\b",
    ),
    (r"blut|bleed", r"\b(zahnfleisch|nase\w*|lippen?|gums?|nose|rasier\w*|shav(ing|ed))\b"),
    (r"notfall|emergency", r"\b(\w*haare?s?|hair|frisur\w*|farbe|colour|nails?|naegel\w*|bart|beard)\b"),
    (r"cut|hurt|schneid|verletz|die|sterb|kill|umbring", r"\b(rasier\w*|shav(ing|ed)|lachen|laugh(ing)?)\b"),
)
"""What a finding that holds the first is explained by."""
