"""Free text for the demo population: short remarks, and notes long enough to show a cut.

A long note is over a thousand characters, has line breaks, and holds letters of several scripts: what a
system that shortens or flattens text on the way out would lose.
"""

from conformance.reference.population.draw import Draw

LONG = 1_000
"""A long note has more characters than this."""

_SHORT = (
    "Reviewed with the patient; no change to the plan.",
    "No growth after 48 hours.",
    "Mixed growth, probably contamination. Please repeat.",
    "Within the expected range for age.",
    "Slightly raised; repeat in three months.",
    "Patient prefers a telephone call in the afternoon (after 3 pm).",
)

_SENTENCES = (
    "Seen today with a three-week history of tiredness, worse in the evenings.",
    "Walks to the harbour and back, about two miles, and sleeps {n} hours a night.",
    "Blood pressure at home averaged {n} readings below target, with one outlier after coffee.",
    "No chest pain, no palpitations; ankles slightly swollen at the end of the day.",
    "Temperature 37 °C, pulse regular, chest clear; weight down by ½ kg since last time.",
    "We talked through the leaflet and agreed to try half the dose for {n} weeks.",
    'Asked what matters most, the answer was: "to be able to swim with my granddaughter again".',
    "The community nurse will call on day {n}, and earlier should the wound become red or warm.",
    "Allergies checked against the record and with the family; nothing to add.",
    "Bloods taken: µmol/L and mmol/L as before, so that the results compare (≥ 3 values).",
)

_OTHER_WORDS = (
    "In the patient's own words: «Ich fühle mich müde, aber es geht schon».",
    "Przetłumaczono: „boli mnie głowa od wczoraj”.",
    "Со слов дочери: принимает таблетки по утрам.",  # noqa: RUF001 - Russian
    "المريضة تفضّل التحدث بالعربية مع مترجم.",
    "患者は英語を話しますが、説明書は日本語を希望します。",
    "ਮਰੀਜ਼ ਪੰਜਾਬੀ ਵਿੱਚ ਗੱਲ ਕਰਨਾ ਪਸੰਦ ਕਰਦਾ ਹੈ।",
    "Mae'n well ganddi siarad Cymraeg; llythyrau yn ddwyieithog os gwelwch yn dda (ŵ ac ŷ yn gywir).",
)


def short_note(draw: Draw) -> str:
    """A remark of one sentence."""
    return draw.one_of(_SHORT)


def long_note(draw: Draw) -> str:
    """A note of several paragraphs, over a thousand characters, in more than one script."""
    paragraphs: list[str] = []
    while sum(len(paragraph) for paragraph in paragraphs) <= LONG:
        sentences = [text.format(n=draw.between(2, 9)) for text in draw.some_of(_SENTENCES, 4)]
        paragraphs.append(" ".join([*sentences, draw.one_of(_OTHER_WORDS)]))
    return "\n\n".join(paragraphs)


def letter(draw: Draw) -> list[str]:
    """The lines of a short letter, in ASCII."""
    return [
        "Dear colleague,",
        "Thank you for seeing this patient of our test population.",
        f"Please review in {draw.between(2, 12)} weeks.",
        f"Reference {draw.digits(8)}",
    ]
