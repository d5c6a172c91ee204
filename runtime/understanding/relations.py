"""For whom somebody books: words for relatives and others, in both languages."""

from __future__ import annotations

from runtime.understanding.tokens import word_set

_TABLE = {
    "mother": "mutter mama mutti mum mom mother mummy",
    "father": "vater papa vati dad father daddy",
    "son": "sohn sohnemann son jungen",
    "daughter": "tochter daughter maedel",
    "child": "kind kleinen kleine kid child baby toddler",
    "wife": "frau ehefrau gattin wife missus",
    "husband": "mann ehemann gatten gatte husband hubby",
    "partner": "partner partnerin lebensgefaehrten lebensgefaehrtin verlobten verlobte fiance fiancee",
    "friend": "freund freundin kumpel bekannte bekannten friend mate girlfriend boyfriend buddy",
    "brother": "bruder brother",
    "sister": "schwester sister",
    "grandmother": "oma grossmutter omi grandma grandmother granny nan",
    "grandfather": "opa grossvater opi grandpa grandfather grandad granddad",
    "grandchild": "enkel enkelin enkelkind grandson granddaughter grandchild",
    "aunt": "tante aunt auntie",
    "uncle": "onkel uncle",
    "colleague": "kollegen kollege kollegin colleague coworker boss chef chefin",
    "neighbour": "nachbarin nachbar nachbarn neighbour neighbor",
    "parents": "eltern parents",
    "children": "kinder children kids",
    "niece": "nichte niece",
    "nephew": "neffen neffe nephew",
    "cousin": "cousin cousine",
    "in_law": "schwiegermutter schwiegervater schwiegersohn schwiegertochter schwager schwaegerin",
}
RELATIONS = {word: relation for relation, words in _TABLE.items() for word in words.split()}
POSSESSIVES = word_set(
    """
    mein meine meinen meinem meiner unser unsere unseren unserem unserer my our nem ner ne einen eine einem
    einer a
    """
)
FOR = frozenset({"fuer", "for"})
SELF = frozenset({"mich", "mir", "me", "myself"})
