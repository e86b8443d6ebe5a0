"""Our FHIRPath engine against fhirpath.js: expressions drawn by Hypothesis, evaluated by both on real resources.

`python -m benchmarks.fhirpath_differential DATA --npm FOLDER [--count 3000] [--show 3]`: DATA is a folder of NDJSON
(plain or .gz), FOLDER one in which `npm install fhirpath` was run. Prints how many agree, and groups those that do
not by what the two sides gave. That one side refuses what the other gives a result for is a group of its own; that
both refuse is agreement. Decimals are compared to eight digits, as JavaScript has no others.
"""

import argparse
import gzip
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from conformance.fhir.definitions import r4
from conformance.fhir.fhirpath import DefinitionsModel, FhirPathError, Node, compile_expression

Json = dict[str, Any]
SEED = 20_261_125
EACH = 4
CHOICES = (
    "value", "effective", "onset", "performed", "deceased", "medication", "serviced", "occurrence", "multipleBirth",
)  # fmt: skip
PEER = """
import { createInterface } from 'node:readline';
import fhirpath from 'fhirpath';
import model from 'fhirpath/fhir-context/r4/index.js';
const plain = (item) => {
  if (item === null || typeof item !== 'object') return item;
  if (item.constructor && item.constructor.name.startsWith('FP_')) return String(item);
  return item;
};
for await (const line of createInterface({ input: process.stdin })) {
  const { resource, expression } = JSON.parse(line);
  let told;
  try { told = { items: fhirpath.evaluate(resource, expression, {}, model).map(plain) }; }
  catch (error) { told = { error: String(error.message ?? error) }; }
  console.log(JSON.stringify(told));
}
"""


def resources(data: Path) -> list[Json]:
    """A few resources of each file."""
    found: list[Json] = []
    for path in sorted([*data.glob("*.ndjson"), *data.glob("*.ndjson.gz")]):
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            found += [json.loads(line) for line, _ in zip(lines, range(EACH), strict=False)]
    return found


def paths(resource: Json) -> list[str]:
    """Paths of elements that a resource has, as FHIRPath names them."""
    found: dict[str, None] = {}
    waiting: list[tuple[str, Any]] = [("", resource)]
    while waiting:
        above, value = waiting.pop()
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                for name, inner in item.items():
                    if name != "resourceType" and not name.startswith("_"):
                        path = f"{above}.{_name(name)}" if above else _name(name)
                        found[path] = None
                        waiting.append((path, inner))
    return list(found)


def _name(key: str) -> str:
    """A choice by its short name (`valueQuantity` is `value`)."""
    for stem in CHOICES:
        if key.startswith(stem) and key[len(stem) : len(stem) + 1].isupper():
            return stem
    return key


numbers = st.integers(-3, 120).map(str) | st.decimals(-2, 200, places=2).map(lambda n: f"{n}")
texts = st.sampled_from(
    ["'final'", "'a'", "'male'", "''", "'10'", "'http'", "'2010-01-01'", "'1.50'", "'mg'"]
)
moments = st.sampled_from(
    ["@2010-01-01", "@2010", "@2010-01-01T10:00:00Z", "@2012-06", "@T10:30", "@2012-02-29T00:00:00.000+01:00"]
)
quantities = st.sampled_from(["1 year", "2 days", "4 'mg'", "0.004 'g'", "70 'kg'", "10 'cm'", "3 weeks"])
literals = st.one_of(numbers, texts, moments, quantities, st.sampled_from(["true", "false", "{}"]))
CALLS = """
    empty() exists() not() count() first() last() tail() distinct() isDistinct() allTrue() anyTrue() allFalse()
    anyFalse() single() children() descendants() hasValue() toInteger() toDecimal() toString() toBoolean() toDate()
    toDateTime() toTime() toQuantity() convertsToInteger() convertsToDecimal() convertsToBoolean() convertsToString()
    convertsToDate() convertsToDateTime() convertsToTime() convertsToQuantity() length() upper() lower() trim()
    toChars() abs() ceiling() floor() round() round(1) sqrt() truncate() ln() exp() sum() min() max() avg()
    type().name lowBoundary() highBoundary() precision() reverse() skip(1) take(2) substring(1)
    substring(0,3) startsWith('h') endsWith('l') contains('a') indexOf('a') replace('a','b') matches('[a-z]+')
    split('-') join(',') as(Quantity) as(string) is(string) is(Quantity) ofType(string) ofType(Quantity) ofType(code)
    where($this.exists()) where(system.exists()) select($this) all($this.exists()) repeat(item) extension('a')
    exists($this='final') iif($this.exists(), 'x', 'y') trace('t') encode('hex') power(2) log(10)
    allTrue() subsetOf({}) supersetOf({}) intersect({}) exclude({}) union('a') combine('a') aggregate($total+1, 0)
    sort() coalesce('x')
"""
OPERATORS = (
    *("=", "!=", "~", "!~", ">", "<", ">=", "<=", "+", "-", "*", "/", "div", "mod", "&"),
    *("and", "or", "xor", "implies", "in", "contains", "|"),
)
binary = st.sampled_from(OPERATORS)


def _calls(text: str) -> list[str]:
    """The calls in a text, blanks within parentheses aside."""
    found, depth, last = [], 0, ""
    for letter in f"{' '.join(text.split())} ":
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == " " and not depth:
            found += [last] if last else []
            last = ""
        else:
            last += letter
    return found


unary = st.sampled_from(_calls(CALLS))


def expressions(known: list[str]) -> st.SearchStrategy[str]:
    """Expressions over the paths of one resource."""
    leaf = st.sampled_from(known) | literals

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.tuples(inner, unary).map(lambda pair: f"({pair[0]}).{pair[1]}"),
            st.tuples(inner, unary).map(lambda pair: f"({pair[0]}).{pair[1]}"),
            st.tuples(inner, binary, inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        )

    return st.recursive(leaf, larger, max_leaves=4)


def drawn(given_resources: list[Json], count: int) -> list[tuple[Json, str]]:
    """So many different pairs of a resource and an expression, the same ones in every run."""
    found: dict[tuple[int, str], None] = {}
    share = 1 + count // len(given_resources)
    for at, resource in enumerate(given_resources):
        mine = [text for text in _texts(resource, SEED + at, share * 2) if "(" in text or " " in text]
        found.update({(at, text): None for text in mine[:share]})
    pairs = [(given_resources[at], text) for at, text in found]
    Random(SEED).shuffle(pairs)
    return pairs[:count]


def _texts(resource: Json, number: int, count: int) -> list[str]:
    kept: dict[str, None] = {}

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(expressions(paths(resource)))
    def draw(text: str) -> None:
        kept[text] = None

    draw()
    return list(kept)


def ours(pairs: list[tuple[Json, str]]) -> Iterator[Json]:
    """What our engine says of each."""
    model = DefinitionsModel(r4())
    for resource, text in pairs:
        exact = json.loads(json.dumps(resource), parse_float=Decimal)
        try:
            items = compile_expression(text).evaluate(exact, model=model)
        except FhirPathError as error:
            yield {"error": str(error)}
        else:
            yield {"items": [item.value if isinstance(item, Node) else item for item in items]}


def theirs(pairs: list[tuple[Json, str]], npm: Path) -> Iterator[Json]:
    """What fhirpath.js says of each."""
    lines = "".join(json.dumps({"resource": resource, "expression": text}) + "\n" for resource, text in pairs)
    command = ["node", "--input-type=module", "-e", PEER]
    ended = subprocess.run(command, cwd=npm, input=lines, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"fhirpath.js broke off: {ended.stderr[-2000:]}")
    # what an expression traces goes to the console as well
    rows = [line for line in ended.stdout.splitlines() if line.startswith(('{"items"', '{"error"'))]
    return (json.loads(row) for row in rows)


def plain(item: Any) -> Any:
    """An item as both sides can show it: numbers to eight digits, moments and quantities as text."""
    if item is None or isinstance(item, bool):
        return item
    if isinstance(item, int | float | Decimal):
        return f"{float(item):.8g}"
    if isinstance(item, dict):
        return {name: plain(value) for name, value in sorted(item.items())}
    if isinstance(item, list):
        return [plain(value) for value in item]
    text = str(item)
    return text.removeprefix("@").removeprefix("T") if not isinstance(item, str) else text.removeprefix("T")


def main() -> int:
    """Ends with 0: what differs is to be read."""
    parser = argparse.ArgumentParser(description="Our FHIRPath engine against fhirpath.js.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--npm", type=Path, required=True, help="a folder with node_modules/fhirpath")
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--show", type=int, default=3, help="samples of each group")
    asked = parser.parse_args()
    pairs = drawn(resources(asked.data), asked.count)
    groups: dict[str, list[str]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for (_, text), mine, other in zip(pairs, ours(pairs), theirs(pairs, asked.npm), strict=True):
        if "error" in mine and "error" in other:
            kind = "both refuse"
        elif "error" in mine:
            kind = f"only ours refuses: {mine['error'][:60]}"
        elif "error" in other:
            kind = f"only fhirpath.js refuses: {other['error'][:60]}"
        else:
            left, right = plain(mine["items"]), plain(other["items"])
            kind = "the same" if left == right else "other results"
        counts[kind] += 1
        if kind not in {"the same", "both refuse"}:
            shown = [str(side.get("items", side.get("error")))[:150] for side in (mine, other)]
            groups[kind].append(f"{text}\n      ours {shown[0]}\n      js   {shown[1]}")
    for kind, number in counts.most_common():
        print(f"{number:6,} {kind}")
        for sample in groups[kind][: asked.show]:
            print(f"    {sample}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
