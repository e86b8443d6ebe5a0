"""Coverage: the statements of source documents held against the profiles, true both ways.

A statement names requirements that there are. And each requirement whose source is a place in the document is named by
a statement: else the profile would ask something that nobody found there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from pydantic import ValidationError

from conformance.catalog import Catalog
from conformance.errors import Problem, ProfileError, UnknownName, Unreadable, closest
from conformance.model.coverage import Coverage, SourceDocument, treated
from conformance.model.marked_yaml import Marked, read_yaml
from conformance.model.profile import Requirement
from conformance.outside.places import SUFFIXES, shipped
from conformance.session.suites import profile_named

FOLDER = "coverage"


def documents() -> list[str]:
    """The names of the documents whose statements come with the harness."""
    return sorted(path.stem for path in (shipped("profiles") / FOLDER).iterdir() if path.suffix in SUFFIXES)


def coverage(name: str, catalog: Catalog) -> Coverage:
    """What is done with each statement of a document: one that is shipped, or one in a file.

    Raises UnknownName, Unreadable, and ProfileError with all that is not true of the file.
    """
    path = _path(name)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path} cannot be read: {error}") from error
    marked = read_yaml(text, str(path))
    document = _document(marked)
    requirements = {
        r.id: r for profile in document.profiles for r in profile_named(profile, catalog).requirements
    }
    problems = [*_untrue(document, requirements, marked)]
    if problems:
        raise ProfileError(problems, what="the list of statements")
    return Coverage(
        document=document.document,
        title=document.title,
        version=document.version,
        extent=document.extent,
        profiles=document.profiles,
        statements=tuple(treated(item, requirements) for item in document.statements),
    )


def of_profiles(names: Iterable[str], catalog: Catalog) -> list[Coverage]:
    """The coverage of the shipped documents that are held against any of these profiles."""
    wanted = set(names)
    found = (coverage(name, catalog) for name in documents())
    return [one for one in found if wanted & set(one.profiles)]


def _path(name: str) -> Path:
    if name.endswith(SUFFIXES) or "/" in name:
        return Path(name)
    if name not in documents():
        raise UnknownName("source document", name, documents())
    return shipped("profiles") / FOLDER / f"{name}.yaml"


def _document(marked: Marked) -> SourceDocument:
    if marked.problems:
        raise ProfileError(marked.problems, what="the list of statements")
    try:
        return SourceDocument.model_validate(marked.value)
    except ValidationError as error:
        mistakes = error.errors(include_url=False)
        problems = [
            marked.problem(tuple(m["loc"]), f"{'.'.join(map(str, m['loc']))}: {m['msg']}") for m in mistakes
        ]
        raise ProfileError(problems, what="the list of statements") from None


def _untrue(
    document: SourceDocument, requirements: Mapping[str, Requirement], marked: Marked
) -> Iterator[Problem]:
    for id_, number in Counter(item.id for item in document.statements).items():
        if number > 1:
            yield marked.problem(("statements",), f"the statement {id_!r} stands twice")
    for index, item in enumerate(document.statements):
        for place, id_ in enumerate(item.by):
            if id_ not in requirements:
                said = f"{item.id} names the requirement {id_!r}, which none of the profiles has"
                yield marked.problem(
                    ("statements", index, "by", place), f"{said}{closest(id_, requirements)}"
                )
    named = {id_ for item in document.statements for id_ in item.by}
    for one in requirements.values():
        if one.id not in named and any(fnmatchcase(one.source, pattern) for pattern in document.sources):
            said = f"{one.id} comes from {one.source}, and no statement names it"
            yield marked.problem(("statements",), said)
