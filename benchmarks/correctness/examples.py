"""Published examples of implementation guides, judged by the structures that they are examples of.

A UK Core example names its structure in its file name (`UKCore-Patient-BabyPatient-Example` is one of UKCore-Patient);
one whose file name begins with Extension is a resource that holds this extension, and is judged by the extension's
definition wherever it stands. A US Core example names its structures in meta.profile.
"""

import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator

from benchmarks.correctness.data import EXAMPLES, Data
from benchmarks.correctness.figures import Deviation, Figure, Measured
from benchmarks.correctness.places import bare
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.table import Structure
from conformance.fhir.documents import Document, read_json
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.validator import Validator

OTHERWISE_NAMED = {
    "UKCore-VitalSigns-Observation-OxygenSaturation-Example": "UKCore-Observation-VitalSigns-OxygenSaturation"
}
ENDING = "-Example"


def measure_uk_core(data: Data, day: str) -> Measured:
    """Whether every structure of UK Core loads, and every example is accepted."""
    definitions = data.uk_core
    files = sorted((data.uk / "structuredefinitions").glob("*.xml"))
    urls = [data.read(path).value["url"] for path in files]
    judged = _Judged(definitions)
    for name, document in data.uk_examples():
        judged.add(name, document, uk_structures(name, urls))
    figures = (_loading("uk-core-structures", definitions, urls), judged.figure("uk-core-examples"))
    return Measured("uk-core", day, figures, judged.kinds(), judged.lists())


def measure_us_core(data: Data, day: str) -> Measured:
    """Whether every structure of US Core loads, and every example in its package is accepted."""
    definitions = data.us_core
    urls = sorted(definitions.layers[0].canonicals("StructureDefinition"))
    judged = _Judged(definitions)
    for name, document in us_examples(data):
        judged.add(name, document, ())
    figures = (_loading("us-core-structures", definitions, urls), judged.figure("us-core-examples"))
    return Measured("us-core", day, figures, judged.kinds(), judged.lists())


def own(definitions: Definitions) -> list[Structure]:
    """The structures of the package that lies on top, those that are rules for something more than a name."""
    found = [
        definitions.structure(url) for url in sorted(definitions.layers[0].canonicals("StructureDefinition"))
    ]
    return [structure for structure in found if structure is not None]


def us_examples(data: Data) -> Iterator[tuple[str, Document]]:
    """The examples of the US Core package by file name without its ending."""
    with tarfile.open(data.us) as archive:
        for member in sorted(archive.getmembers(), key=lambda member: member.name):
            name = member.name.removeprefix("package/example/")
            content = archive.extractfile(member) if name != member.name and name.endswith(".json") else None
            if content is not None and not name.startswith("."):
                yield name.removesuffix(".json"), read_json(content.read())


def uk_structures(name: str, urls: Iterable[str]) -> tuple[str, ...]:
    """The canonical, among these, that an example's file name names: the one with the longest name."""
    known = {url.rsplit("/", 1)[-1]: url for url in urls}
    parts = OTHERWISE_NAMED.get(name, name.removesuffix(ENDING)).split("-")
    tried = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    found = next((known[one] for one in tried if one in known), None)
    return (found,) if found and not found.rsplit("/", 1)[-1].startswith("Extension") else ()


def _loading(row: str, definitions: Definitions, urls: list[str]) -> Figure:
    broken = []
    for url in urls:
        try:
            structure = definitions.structure(url)
            trouble = "" if structure is not None and structure.root.children else "has no elements"
        except DefinitionProblem as problem:
            trouble = str(problem)
        if trouble:
            broken.append(Deviation(url, (trouble,)))
    return Figure(row, len(urls) - len(broken), len(urls), tuple(broken))


class _Judged:
    """Examples judged one after another."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.terminology = Terminology(definitions)
        self.total = 0
        self.wrong: list[Deviation] = []
        self.unjudged: Counter[tuple[str, str]] = Counter()
        self.warned: Counter[str] = Counter()
        self.by: Counter[str] = Counter()

    def add(self, name: str, document: Document, structures: tuple[str, ...]) -> None:
        """Judge one example by these structures and those that it declares itself."""
        validator = Validator(self.definitions, self.terminology, structures=structures, leeway=EXAMPLES)
        outcome = validator.explain(document)
        self.total += 1
        self.unjudged.update((rule.kind, rule.subject) for rule in outcome.not_evaluated)
        errors = tuple(f"{i.expression}: {i.message_id}: {i.text}" for i in outcome.issues if i.is_error)
        self.warned.update(
            f"{i.message_id} at {bare(i.expression)}" for i in outcome.issues if not i.is_error
        )
        declared = document.value.get("meta", {}).get("profile", ())
        self.by["by a structure named" if structures or declared else "by their type only"] += 1
        if errors:
            self.wrong.append(Deviation(name, errors))

    def figure(self, row: str) -> Figure:
        """How many are accepted."""
        note = ", ".join(f"{count} {how}" for how, count in sorted(self.by.items()))
        return Figure(row, self.total - len(self.wrong), self.total, tuple(self.wrong), note)

    def lists(self) -> dict[str, tuple[str, ...]]:
        """What could not be judged, most frequent first."""
        rules = self.unjudged.most_common()
        return {"not evaluated": tuple(f"{count} times {kind} {what}" for (kind, what), count in rules)}

    def kinds(self) -> dict[str, int]:
        """How many rules could not be judged, by kind."""
        found: Counter[str] = Counter()
        for (kind, _), count in self.unjudged.items():
            found[kind] += count
        return dict(found)
