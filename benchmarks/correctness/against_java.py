"""Changed resources judged by us and by the HL7 reference validator, which runs here without a terminology server.

A thousand come from Synthea, judged by R4 alone, a thousand from the UK Core examples, judged by the structure that
the example's file name names. Only originals that both validators accept are changed, so that a difference comes
from the change; those on which they differ are told of their own. Both take urls below example.org to be known.

The reference validator refuses wrong displays and unknown extensions unless it is told otherwise, and we do where we
are told to. So we judge twice: set as it is set, which is what can be compared, and by FHIR's text alone.
"""

import json
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from benchmarks import java_oracle
from benchmarks.correctness.data import EXAMPLES, Data
from benchmarks.correctness.examples import uk_structures
from benchmarks.correctness.figures import Deviation, Figure, Measured, kinds
from benchmarks.correctness.mutants import mutants
from benchmarks.correctness.places import bare
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.documents import read_json
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.issues import Outcome
from conformance.fhir.validation.leeway import Leeway, Refused
from conformance.fhir.validation.validator import Validator

Pair = tuple[Outcome, java_oracle.Outcome]
ROWS = ("java-synthea", "java-uk-core")
CORE = "hl7.fhir.r4.core.tgz"
SEED = "conformance"
EACH = 1000
DRAWN = 20
AS_THEIRS = replace(EXAMPLES, refused=frozenset({Refused.WRONG_DISPLAYS, Refused.UNKNOWN_EXTENSIONS}))
OFFLINE = frozenset({"code-unknown-in-system"})
"""Our findings that the reference validator leaves to a terminology server: check digits of SNOMED CT and dm+d."""


@dataclass(frozen=True)
class Sample:
    """A resource as text, and the structure that it is judged by, if any."""

    name: str
    text: bytes
    structure: str = ""


@dataclass(frozen=True)
class Judges:
    """Both validators over the same definitions."""

    definitions: Definitions
    packages: Path
    extra: tuple[Path, ...] = ()

    def say(self, samples: list[Sample]) -> list[Pair]:
        """What both say of each."""
        return list(
            zip(judged(samples, self.definitions), asked(samples, self.packages, self.extra), strict=True)
        )


def measure(data: Data, day: str, packages: Path) -> Measured:
    """The agreement of both validators; `packages` holds the core package that the reference validator reads."""
    figures: list[Figure] = []
    unjudged: Counter[str] = Counter()
    digits = 0
    for row, originals, judges in zip(
        ROWS,
        (synthea(data), uk_core(data)),
        (Judges(data.core, packages), Judges(data.uk_core, packages, _definitions(data))),
        strict=True,
    ):
        said = judges.say(originals)
        usable = [one for one, pair in zip(originals, said, strict=True) if not _refused(pair)]
        made = changed(usable)
        theirs = asked(made, judges.packages, judges.extra)
        told = list(zip(judged(made, judges.definitions, AS_THEIRS), theirs, strict=True))
        by_text = list(zip(judged(made, judges.definitions), theirs, strict=True))
        unjudged.update(sum((kinds(ours.not_evaluated) for ours, _ in told), Counter()))
        refused = sum(not ours.valid for ours, _ in told)
        note = f"{refused:,} of them we refuse; from {len(usable):,} originals that both accept"
        unchanged = compared(f"{row}-originals", originals, said)
        figures += [compared(row, made, told, note), compared(f"{row}-text", made, by_text), unchanged]
        digits += sum(_only_digits(pair) for pair in told)
    set_alike = _together("java", [figure for figure in figures if figure.row in ROWS])
    text_alone = _together("java-text", [figure for figure in figures if figure.row.endswith("-text")])
    without = Figure("java-without-digits", set_alike.good, set_alike.total - digits)
    return Measured("java", day, (set_alike, without, text_alone, *figures), dict(unjudged))


def _together(row: str, figures: list[Figure]) -> Figure:
    return Figure(row, sum(figure.good for figure in figures), sum(figure.total for figure in figures))


def _only_digits(pair: Pair) -> bool:
    """Whether both differ by nothing but findings that the reference leaves to a terminology server."""
    ours, theirs = pair
    found = {issue.message_id for issue in ours.issues if issue.is_error}
    return bool(found) and found <= OFFLINE and not theirs.errors


def synthea(data: Data) -> list[Sample]:
    """Synthea resources: as many of every type as there are, up to a few, drawn by the seed."""
    by_type: dict[str, list[bytes]] = defaultdict(list)
    for kind, _, line in data.synthea():
        by_type[kind].append(line)
    random = Random(SEED)
    return [
        Sample(f"{kind} {at}", line)
        for kind, lines in sorted(by_type.items())
        for at, line in enumerate(random.sample(lines, min(DRAWN, len(lines))))
    ]


def uk_core(data: Data) -> list[Sample]:
    """The UK Core examples as JSON."""
    urls = sorted(data.uk_core.layers[0].canonicals("StructureDefinition"))
    return [
        Sample(name, _text(_plain(document.value)), next(iter(uk_structures(name, urls)), ""))
        for name, document in data.uk_examples()
    ]


def changed(originals: list[Sample]) -> list[Sample]:
    """A thousand different mutants, spread evenly over the originals."""
    share = 1 + EACH // len(originals)
    made: dict[bytes, Sample] = {}
    for one in originals:
        for at, mutant in enumerate(mutants(json.loads(one.text), f"{SEED} {one.name}", share)):
            text = _text(mutant)
            made.setdefault(text, Sample(f"{one.name}, change {at}", text, one.structure))
    samples = list(made.values())
    return [samples[at * len(samples) // EACH] for at in range(EACH)] if len(samples) > EACH else samples


def judged(made: list[Sample], definitions: Definitions, leeway: Leeway = EXAMPLES) -> list[Outcome]:
    """What we say of each."""
    terminology = Terminology(definitions)
    validators = {
        structure: Validator(
            definitions, terminology, structures=(structure,) if structure else (), leeway=leeway
        )
        for structure in {mutant.structure for mutant in made}
    }
    return [validators[mutant.structure].explain(read_json(mutant.text)) for mutant in made]


def asked(made: list[Sample], packages: Path, extra: tuple[Path, ...]) -> list[java_oracle.Outcome]:
    """What the reference validator says of each."""
    with tempfile.TemporaryDirectory() as place:
        jobs = []
        for number, mutant in enumerate(made):
            file = Path(place) / f"{number:05}.json"
            file.write_bytes(mutant.text)
            jobs.append(java_oracle.Job(file, mutant.structure or None, extra))
        return java_oracle.judge(jobs, [packages / CORE])


def compared(row: str, samples: list[Sample], said: list[Pair], note: str = "") -> Figure:
    """Agreement on error or no error; samples that differ in the same way are one deviation."""
    groups: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for sample, (ours, theirs) in zip(samples, said, strict=True):
        mine = [issue for issue in ours.issues if issue.is_error]
        other = theirs.errors
        if bool(mine) == bool(other):
            continue
        if mine:
            first = (mine[0].message_id, bare(mine[0].expression), mine[0].text)
        else:
            first = (other[0].message_id or "", bare(other[0].location or ""), other[0].message)
        groups[f"{'ours' if mine else 'reference'}: {first[0]}"].append((sample.name, *first[1:]))
    deviations = tuple(
        Deviation(
            key,
            tuple(_line(one) for one in found[:5]) if key.startswith("ours") else (),
            tuple(_line(one) for one in found[:5]) if not key.startswith("ours") else (),
            len(found),
        )
        for key, found in sorted(groups.items())
    )
    wrong = sum(deviation.count for deviation in deviations)
    return Figure(row, len(samples) - wrong, len(samples), deviations, note)


def _refused(pair: Pair) -> bool:
    ours, theirs = pair
    return not ours.valid or bool(theirs.errors)


def _line(one: tuple[str, str, str]) -> str:
    name, place, text = one
    return f"{name}: {place}: {text[:160]}"


def _definitions(data: Data) -> tuple[Path, ...]:
    """What the reference validator is given of UK Core: all that we load of it and that decides anything."""
    folders = (data.uk / name for name in ("structuredefinitions", "valuesets", "codesystems"))
    return (*folders, *sorted((data.uk / "examples").glob("UKCore-Questionnaire-*.xml")))


def _plain(value: Any) -> Any:
    """A document's value as `json` writes it: decimals as numbers."""
    return json.loads(json.dumps(value, default=float))


def _text(resource: dict[str, Any]) -> bytes:
    return json.dumps(resource, ensure_ascii=False).encode("utf-8", "surrogatepass")
