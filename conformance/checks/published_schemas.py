"""Whether what is exported keeps to the JSON Schemas that its supplier publishes.

A schema is a text of the supplier, so it is judged with limits: it may not fetch anything, its regular expressions run
on an engine that stops, and so does the following of its references.
Source: exit catalogue EXIT-DOC-05; JSON Schema, https://json-schema.org/draft/2020-12.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from conformance.analysis.export import output_files
from conformance.analysis.lines import NoResource, lines, resource_of
from conformance.checks.export_reading import job
from conformance.fhir.fhirpath.errors import EvaluationError
from conformance.fhir.fhirpath.patterns import found_in
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, NotJudgeable, check

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

JSON_SCHEMA = "JSON Schema"
MOST_OF_A_TYPE = 5
LONGEST_LINE = 1_000_000
LONGEST_SAID = 300
REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
MOST_REFERENCES = 50_000
"""So many references of a schema are followed for one line."""
LONGEST_NAME_PATTERN = 100
BRANCHING = frozenset("(|{")
"""What a pattern of names has that could run for long; those are not tried."""
Keyword = Callable[["Validator", Any, Any, Any], Iterable[Any] | None]


@check("export-meets-schemas")
def export_meets_schemas(evidence: Evidence) -> Findings:
    """Each line of the export keeps to one of the published JSON Schemas, which ask something of a line."""
    answers = {
        answer.about.get("url", ""): answer
        for answer in evidence.labelled("schema")
        if answer.about.get("kind") == JSON_SCHEMA and answer.ok
    }
    if not answers:
        raise NotApplicable("the exit plan names no JSON Schema that can be fetched")
    schemas: list[_Schema] = []
    for answer in answers.values():
        schema = _Schema(answer)
        if problem := schema.problem():
            yield answer.finding(problem)
        else:
            schemas.append(schema)
    if not schemas:
        return
    some = list(_some_of_each_type(output_files(job(evidence))))
    if not some:
        raise NoData("the export has no lines to hold against the schemas")
    told = set[str]()
    for file, number, kind, value in some:
        objections = [schema.objection(value) for schema in schemas]
        if all(objections) and kind not in told:
            told.add(kind)
            yield file.finding(
                f"line {number}, a {kind}, keeps to none of the published JSON Schemas: {objections[0]}"
            )


class _Schema:
    """A published schema, as far as it can be judged by."""

    def __init__(self, answer: Exchange) -> None:
        self._schema = answer.json_or_none()
        self._validator: Validator | None = None
        self._followed = 0
        self._url = answer.about.get("url", "")

    def problem(self) -> str:
        """Why nothing can be held against this schema; empty where it can. Raises NotJudgeable."""
        from jsonschema import Draft202012Validator, SchemaError, validators  # noqa: PLC0415 - slow, and seldom needed
        from referencing.jsonschema import EMPTY_REGISTRY  # noqa: PLC0415

        if not isinstance(self._schema, dict):
            return "is no JSON object, so no JSON Schema"
        made_for = validators.validator_for(self._schema, default=Draft202012Validator)
        try:
            made_for.check_schema(self._schema)
        except SchemaError as error:
            return f"is no valid JSON Schema: {error.message[:LONGEST_SAID]}"
        except RecursionError:
            raise self._not_judgeable("it is too deep to be read") from None
        changed: dict[str, Any] = {
            name: self._counting(follow) for name, follow in made_for.VALIDATORS.items() if name in REFERENCES
        }
        changed |= {"pattern": _pattern, "patternProperties": self._simple(made_for.VALIDATORS)}
        extended: Callable[..., Callable[..., Validator]] = validators.extend
        self._validator = extended(made_for, changed)(self._schema, registry=EMPTY_REGISTRY)
        return "" if self.objection({}) else "takes an empty object: it asks nothing of what is exported"

    def objection(self, value: Any) -> str:
        """What the schema has against this value; empty where it has nothing. Raises NotJudgeable."""
        from referencing.exceptions import Unresolvable  # noqa: PLC0415

        if self._validator is None:
            return "it is no schema"
        self._followed = 0
        try:
            error = next(iter(self._validator.iter_errors(value)), None)
        except RecursionError:
            raise self._not_judgeable("it refers to itself without end") from None
        except EvaluationError as problem:
            raise self._not_judgeable(str(problem)) from None
        except Unresolvable as missing:
            raise self._not_judgeable(
                f"it refers to {missing.ref!r}, and nothing is fetched for it"
            ) from None
        return "" if error is None else f"{error.json_path}: {error.message}"[:LONGEST_SAID]

    def _not_judgeable(self, why: str) -> NotJudgeable:
        return NotJudgeable(f"the JSON Schema {self._url} cannot be judged by: {why}")

    def _counting(self, follow: Keyword) -> Keyword:
        def counted(validator: "Validator", to: Any, value: Any, schema: Any) -> Iterator[Any]:
            self._followed += 1
            if self._followed > MOST_REFERENCES:
                raise self._not_judgeable(
                    f"it takes more than {MOST_REFERENCES:,} references to judge one line"
                )
            yield from follow(validator, to, value, schema) or ()

        return counted

    def _simple(self, keywords: Mapping[str, Keyword]) -> Keyword:
        """The keyword for members by pattern, where each pattern is too simple to run for long."""

        def by_simple_patterns(
            validator: "Validator", patterns: Any, value: Any, schema: Any
        ) -> Iterator[Any]:
            for pattern in patterns:
                if len(pattern) > LONGEST_NAME_PATTERN or not BRANCHING.isdisjoint(pattern):
                    raise self._not_judgeable(f"names of members by {pattern[:LONGEST_NAME_PATTERN]!r}")
            yield from keywords["patternProperties"](validator, patterns, value, schema) or ()

        return by_simple_patterns


def _pattern(validator: "Validator", pattern: str, value: Any, _: Any) -> Iterator[Any]:
    from jsonschema import ValidationError  # noqa: PLC0415

    if validator.is_type(value, "string") and not found_in(value, pattern):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _some_of_each_type(files: Iterable[Exchange]) -> Iterator[tuple[Exchange, int, str, Any]]:
    """The first lines of each type, with their file, their number, their type and their value."""
    seen = Counter[str]()
    for file in files:
        for number, line in enumerate(lines(file.chunks()), 1):
            if len(line) > LONGEST_LINE:
                continue
            try:
                resource = resource_of(line)
            except NoResource:
                continue  # what holds no resource is the business of the export's own requirements
            kind = resource["resourceType"]
            seen[kind] += 1
            if seen[kind] <= MOST_OF_A_TYPE:
                yield file, number, kind, resource
