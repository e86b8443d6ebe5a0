"""A profile written as YAML that people read: members in a fixed order, short forms where nothing is lost."""

from collections.abc import Iterable
from typing import Any

import yaml

Json = dict[str, Any]

WIDTH = 116
BARE = {
    "interactions": "code",
    "searches": "name",
    "combinations": "names",
    "includes": "value",
    "revIncludes": "value",
    "operations": "name",
    "structures": "url",
    "mustSupport": "path",
}
"""Of which member a demand is the bare value, where it says nothing else."""


def written(profile: Json, level: str, comments: Iterable[str]) -> str:
    """The YAML of a profile: comments first; demands of the block's own level without one, in their short forms."""
    block = profile["fhir"]
    shortened = profile | {"fhir": _short(block, level)}
    head = "".join(f"# {line}\n" if line else "#\n" for line in comments)
    text = yaml.dump(
        shortened,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=WIDTH,
        default_flow_style=None,
    )
    return f"{head}{text}"


def _short(value: Any, level: str, member: str = "") -> Any:
    if isinstance(value, list):
        return [_short(each, level, member) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {
        name: _short(each, level, name)
        for name, each in value.items()
        if not (name == "level" and each == level and member)
    }
    bare = BARE.get(member)
    return kept[bare] if bare is not None and set(kept) == {bare} else kept


class _Dumper(yaml.SafeDumper):
    """Writes lists indented below their member."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the library's
        """Indent the items of every list."""
        super().increase_indent(flow, False)
