"""Do the tests notice changes to checks, `fhir/` and verification? A drawn sample of changes; see docs/mutation.md.

`python -m benchmarks.mutants_drawn` draws changes from each area, runs the tests that reach the place of each, and
prints how many were noticed, with the 95 % interval of the draw. It ends with 1 where an area is below its floor.
The changes are those that mutmut makes; unlike mutmut this also changes functions that are decorated, as checks are.
"""

import argparse
import functools
import hashlib
import json
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import Mutation, MutationVisitor, OuterFunctionProvider
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import get_ignored_lines

from benchmarks import mutants_runner

ROOT = Path(__file__).resolve().parents[1]
SEED = "mutants-1"
INTERVAL = 1.96


@dataclass(frozen=True)
class Area:
    """Some modules, the tests that are theirs, how many changes are drawn, and the least that must be noticed, in %."""

    name: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]
    drawn: int
    least: int = 80


AREAS = (
    Area(
        "verify",
        ("stages/verify/*.py",),
        (
            "tests/stages/test_verify.py",
            "tests/stages/test_verify_beside.py",
            "tests/stages/test_verify_bounds.py",
            "tests/stages/test_verify_contents.py",
            "tests/stages/test_verify_partial.py",
            "tests/stages/test_verify_releases.py",
            "tests/stages/test_verify_replies.py",
            "tests/stages/test_verify_shares.py",
            "tests/stages/test_verify_steps.py",
            "tests/stages/test_verify_substance.py",
            "tests/stages/test_verify_words.py",
        ),
        150,
        90,
    ),
    Area(
        "faithful",
        ("session/verifying.py", "session/faithful.py"),
        (
            "tests/attacks/test_attack_table.py",
            "tests/session/test_faithful_suites.py",
            "tests/session/test_readers.py",
        ),
        60,
        90,
    ),
    Area(
        "checks",
        ("checks/*.py",),
        (
            "tests/checks",
            "tests/openapi/test_checks_of_descriptions_survive.py",
            "tests/openapi/test_openapi_answers_judged.py",
            "tests/openapi/test_openapi_checks.py",
            "tests/openapi/test_openapi_offers.py",
        ),
        150,
    ),
    Area(
        "search", ("fhir/search/*.py",), ("tests/fhir/search", "tests/enumerators/test_search_rows.py"), 100
    ),
    Area(
        "validation, precise",
        ("fhir/validation/*.py", "fhir/validation/rules/*.py"),
        ("tests/fhir/validation",),
        100,
    ),
    Area("validation, quick", ("fhir/validation/accept/**/*.py",), ("tests/fhir/validation",), 60),
    Area("fhirpath", ("fhir/fhirpath/**/*.py",), ("tests/fhir/fhirpath",), 60),
    Area("terminology", ("fhir/terminology/*.py",), ("tests/fhir/terminology",), 60),
    Area("documents", ("fhir/documents/*.py",), ("tests/fhir/documents",), 60),
)


@dataclass(frozen=True)
class Change:
    """One change of the code: where it stands, what stood there, and what stands there now."""

    file: str
    line: int
    function: str
    starts: int
    before: str
    after: str
    number: int

    def rank(self, seed: str) -> str:
        """Its place in the draw, which depends on nothing but the seed and itself: other code may come and go."""
        own = [seed, self.file, self.function, self.before, self.after, self.number]
        return hashlib.sha256(json.dumps(own).encode()).hexdigest()


class _Places(MutationVisitor):
    """mutmut's changes, in decorated functions too; decorators themselves stay."""

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef):
            return False
        return super()._skip_node_and_children(node)


def changes(path: Path) -> Iterator[tuple[Change, Callable[[], str]]]:
    """Every change to this file, and how its whole text then reads."""
    code = path.read_text("utf-8")
    wrapper = MetadataWrapper(cst.parse_module(code))
    visitor = _Places(mutation_operators, get_ignored_lines(str(path), code, wrapper))
    module = wrapper.visit(visitor)
    positions = wrapper.resolve(PositionProvider)
    outer = wrapper.resolve(OuterFunctionProvider)
    seen: dict[tuple[str, ...], int] = {}
    for mutation in visitor.mutations:
        function = outer.get(mutation.original_node)
        if not isinstance(function, cst.FunctionDef):
            continue
        before = module.code_for_node(mutation.original_node)
        after = module.code_for_node(mutation.mutated_node)
        key = (function.name.value, before, after)
        seen[key] = seen.get(key, 0) + 1
        change = Change(
            str(path.relative_to(ROOT)),
            positions[mutation.original_node].start.line,
            function.name.value,
            min(positions[part].start.line for part in (function, *function.decorators)),
            before,
            after,
            seen[key],
        )
        yield change, functools.partial(_replaced, module, mutation)


def _replaced(module: cst.Module, mutation: Mutation) -> str:
    return module.deep_replace(mutation.original_node, mutation.mutated_node).code


def draw(area: Area, seed: str) -> tuple[int, list[tuple[Change, str]]]:
    """How many changes there are in an area, and those of the draw with the file's text after each."""
    paths = sorted({path for pattern in area.sources for path in (ROOT / "conformance").glob(pattern)})
    every = [found for path in paths for found in changes(path)]
    every.sort(key=lambda found: found[0].rank(seed))
    return len(every), [(change, text()) for change, text in every[: area.drawn]]


def interval(noticed: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval for a share, in per cent."""
    share, z2 = noticed / of, INTERVAL**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = INTERVAL / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return 100 * (middle - half), 100 * (middle + half)


def main() -> int:
    """Draw, run and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("areas", nargs="*", help="these areas only")
    parser.add_argument(
        "--drawn", type=int, help="how many changes to draw from each, instead of what is stated"
    )
    parser.add_argument("--seed", default=SEED, help="another draw: one that no test was written in view of")
    parser.add_argument("--survivors", type=Path, help="write the survivors here, a JSON object a line")
    asked = parser.parse_args()
    rows, low = [], False
    for area in AREAS:
        if asked.areas and area.name not in asked.areas:
            continue
        population, drawn = draw(area, asked.seed)
        outcomes = mutants_runner.outcomes(drawn[: asked.drawn], [str(ROOT / test) for test in area.tests])
        noticed = sum(outcome in mutants_runner.NOTICED for outcome in outcomes)
        score, (least, most) = 100 * noticed / len(outcomes), interval(noticed, len(outcomes))
        low = low or score < area.least
        rows.append(
            f"| {area.name} | {population} | {len(outcomes)} | {noticed} | {score:.1f}% | {least:.0f}-{most:.0f}% |"
        )
        for (change, _), outcome in zip(drawn, outcomes, strict=False):
            if outcome not in mutants_runner.NOTICED:
                print(f"{outcome}: {change.file}:{change.line} {change.function}")
                print(f"  - {change.before!r}\n  + {change.after!r}", flush=True)
                if asked.survivors:
                    with asked.survivors.open("a") as out:
                        out.write(json.dumps(asdict(change) | {"outcome": outcome}) + "\n")
    print(
        "| area | changes | drawn | noticed | score | 95 % |\n|---|---:|---:|---:|---:|---:|", *rows, sep="\n"
    )
    return int(low)


if __name__ == "__main__":
    sys.exit(main())
