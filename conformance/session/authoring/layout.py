"""The layout of a profile: one way to write it, with every comment kept and nothing that it says changed.

Members stand in the order of the documentation, where no comment stands among them; lists are indented by two; one
empty line stands before each requirement and each group of members. Quotes and the flow of lists stay as they are
written. The result is read again: where it would say something else, or lack a comment, it is refused.
"""

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.tokens import CommentToken

from conformance.errors import HarnessError, ProfileError
from conformance.model.marked_yaml import Loader, mapping_of, read_yaml

WIDEST = 1_000_000
"""Lines are left as long as their author made them."""
PROFILE = (
    "profile", "version", "title", "publisher", "description", "fhirVersion", "status", "gates", "extends",
    "overrides", "parameters", "presets", "advisories", "subVerdicts", "fhir", "requirements",
)  # fmt: skip
REQUIREMENT = (
    "id", "level", "text", "source", "method", "phase", "requiredFrom", "when", "tests", "untested", "outOfScope",
)  # fmt: skip
TEST = ("when", "each", "most", "probe", "also", "slots", "draw", "examples", "expect")
"""The order of the members of a profile, a requirement and a test."""

_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$", re.MULTILINE)


def laid_out(text: str, file: str) -> str:
    """The profile's text in its layout. Laying it out again changes nothing.

    Raises ProfileError where it is no YAML that a profile can be, and HarnessError where it cannot be laid out
    without changing it.
    """
    before = read_yaml(text, file)
    if before.problems:
        raise ProfileError(before.problems)
    if not isinstance(before.value, dict):
        raise ProfileError(
            [before.problem((), "holds no profile: it must be a mapping with `profile: name`")]
        )
    made = _spaced(_comments_in_place(_dumped(text, file)), file)
    after = read_yaml(made, file)
    if after.problems or after.value != before.value or _comments(made) != _comments(text):
        raise HarnessError(
            f"{file} cannot be laid out without changing what it says, so it was left as it is",
            hint="Put comments on lines of their own, above what they are about, and try again.",
        )
    return made


def _dumped(text: str, file: str) -> str:
    writer = YAML(typ="rt")
    writer.preserve_quotes = True
    writer.width = WIDEST
    writer.brace_single_entry_mapping_in_flow_sequence = True
    writer.indent(mapping=2, sequence=4, offset=2)
    try:
        document = writer.load(text)
        _ordered(document)
        out = io.StringIO()
        writer.dump(document, out)
    except (YAMLError, RecursionError, ValueError) as error:
        raise HarnessError(f"{file} cannot be laid out: {str(error).splitlines()[0]}") from error
    return out.getvalue()


def _ordered(document: CommentedMap) -> None:
    """Put the members of the profile, its requirements and their tests in their order."""
    _put_in_order(document, PROFILE)
    for requirement in _maps(document.get("requirements")):
        _put_in_order(requirement, REQUIREMENT)
        for test in _maps(requirement.get("tests")):
            _put_in_order(test, TEST)


def _put_in_order(holder: CommentedMap, known: tuple[str, ...]) -> None:
    """Move members to their places. Where a comment stands among them, they stay: it might belong to either side."""
    if any(_holds_comment(part) for part in (holder, *_inside(holder))):
        return
    for name in sorted(holder, key=lambda name: known.index(name) if name in known else len(known)):
        holder.move_to_end(name)


def _maps(value: Any) -> Iterator[CommentedMap]:
    if isinstance(value, CommentedSeq):
        yield from (one for one in value if isinstance(one, CommentedMap))


def _inside(holder: Any) -> Iterator[Any]:
    for value in holder.values() if isinstance(holder, CommentedMap) else holder:
        if isinstance(value, CommentedMap | CommentedSeq):
            yield value
            yield from _inside(value)


def _holds_comment(part: Any) -> bool:
    """Whether a comment, and not only empty lines, is tied to a part."""
    tokens = [part.ca.comment, *part.ca.items.values(), part.ca.end]
    return any("#" in token.value for token in _tokens(tokens))


def _tokens(held: Any) -> Iterator[CommentToken]:
    if isinstance(held, CommentToken):
        yield held
    elif isinstance(held, list | tuple):
        for one in held:
            yield from _tokens(one)


def _spaced(text: str, file: str) -> str:
    """The text with one empty line before each group of members and each requirement, and none twice."""
    read = read_yaml(text, file)
    lines = [line.rstrip() for line in text.split("\n")]
    starts = {
        line
        for path, (line, _) in read.places.items()
        if (len(path) == 1 and isinstance(mapping_of(read.value).get(str(path[0])), dict | list))
        or (len(path) == 2 and path[0] == "requirements" and _is_block(lines[line - 1]))  # noqa: PLR2004
    }
    starts.discard(min((line for path, (line, _) in read.places.items() if path), default=0))
    first = read.places.get(("requirements", 0), (0, 0))[0]
    starts.discard(first)
    made: list[str] = []
    for number, line in enumerate(lines, start=1):
        if number in starts:
            _break_above(made)
        made.append(line)
    return "\n".join(_once_empty(made)).strip("\n") + "\n"


def _break_above(made: list[str]) -> None:
    """An empty line above the comments that stand right above."""
    place = len(made)
    while place and made[place - 1].lstrip().startswith("#"):
        place -= 1
    if place and made[place - 1]:
        made.insert(place, "")


def _once_empty(lines: Iterable[str]) -> Iterator[str]:
    before = ""
    for line in lines:
        if line or before:
            yield line
        before = line


def _is_block(line: str) -> bool:
    return not re.match(r"\s*-\s*[\[{]", line)


def _comments(text: str) -> Counter[str]:
    """The comments in a text: what stands behind a # that is part of no value."""
    return Counter(found.strip() for found in _COMMENT.findall(_without_values(text)))


def _without_values(text: str) -> str:
    """The text with every value and key made underscores, line by line, so that what is left is marks and comments."""
    bare = list(text)
    for token in yaml.scan(text, Loader=Loader):
        if isinstance(token, yaml.ScalarToken):
            first, last = token.start_mark.index, token.end_mark.index
            bare[first:last] = ["\n" if character == "\n" else "_" for character in bare[first:last]]
    return "".join(bare)


def _comments_in_place(text: str) -> str:
    """The text with each comment at the indentation of what it stands above, or one space behind what it is about."""
    made: list[str] = []
    above: list[str] = []
    for line, bare in zip(text.split("\n"), _without_values(text).split("\n"), strict=True):
        found = _COMMENT.search(bare)
        if found is not None and not bare[: found.start()].strip():
            above.append(line)
        elif not line.strip():
            above.append("")
        else:
            indent = line[: len(line) - len(line.lstrip())]
            made += [f"{indent}{one.strip()}".rstrip() for one in above]
            above = []
            made.append(
                line if found is None else f"{line[: found.start()].rstrip()} {line[found.start() :]}"
            )
    return "\n".join([*made, *above])
