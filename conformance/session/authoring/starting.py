"""The first text of a profile: it loads, lints clean, runs, and says beside each member what it is for."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

NAME = r"[a-z0-9][a-z0-9.-]{0,79}"


@dataclass(frozen=True)
class Question:
    """Something that an author is asked: a plain question, what is offered, and what an answer must be like."""

    member: str
    words: str
    offered: str = ""
    form: str = r".*\S.*"
    must: str = "must not be empty"

    def mistake(self, answer: str) -> str:
        """Why an answer does not fit; empty where it does."""
        return (
            "" if re.fullmatch(self.form, answer) else f"{self.words} {answer!r} does not fit: it {self.must}"
        )


QUESTIONS = (
    Question(
        "name",
        "What is the profile called by commands and other profiles?",
        form=NAME,
        must="is lowercase letters, digits, dots and hyphens, as in house-rules",
    ),
    Question("title", "What is its title, for people?"),
    Question("publisher", "Who publishes it?"),
    Question(
        "source",
        "Which document do its requirements come from? (an address, or a name)",
    ),
    Question(
        "extends",
        "Which profiles does it build on? (names with commas between; empty for none)",
        form=rf"\s*|{NAME}(\s*,\s*{NAME})*",
        must="is names of profiles, with commas between",
    ),
)

TEMPLATE = """\
# yaml-language-server: $schema={schema}
#
# A profile: what is asked of a product, clause by clause, and how each clause is shown to be met.
#   conformance profiles lint {file}     what is wrong, or looks wrong, with it
#   conformance profiles try {file}      whether it bites: on an honest supplier, and on faulty ones
#   conformance profiles docs {file} --out pages     a page for readers

profile: {name}
version: 0.1.0 # 1.0.0 once others rely on it; `conformance profiles diff OLD NEW` says what comes next
title: {title}
publisher: {publisher}
description: >-
  Say here what is asked, of whom, and what is left out.
status: draft
{extends}
requirements:
  # An example: take it as a pattern, and then away. Each requirement is one sentence that can be true or false.
  - id: {prefix}-01 # stable, and short enough to say on the telephone
    level: SHALL # SHALL and SHALL NOT decide the result, SHOULD warns, MAY informs
    text: Whoever asks for the capability statement gets one.
    source: {source} # the clause that asks for it: what a supplier may argue with you about
    tests:
      - probe: {{request: {{path: /metadata}}}} # what is sent; docs/parts.md lists all probes
        expect: # what must be true of the answer; docs/parts.md lists all checks
          - status: {{code: 200}}
          - capability-statement: {{}}

  # What no test can show yet says why, and counts as untested; what nobody outside can see is out of scope:
  #
  # - id: {prefix}-02
  #   level: SHOULD
  #   text: The help desk answers within a day.
  #   source: {source}
  #   method: out-of-scope
  #   outOfScope: No test from outside and no document can show it.
"""


def first_text(answers: Mapping[str, str], file: str, schema: str) -> str:
    """The text of a new profile; `file` is what it will be called, `schema` leads editors to the schema."""
    names = [name.strip() for name in answers["extends"].split(",") if name.strip()]
    extends = f"\nextends: [{', '.join(names)}]\n" if names else ""
    source = answers["source"].strip()
    if source.startswith(("http://", "https://")) and "#" not in source:
        source = f"{source.rstrip('/')}#the-clause"
    return TEMPLATE.format(
        schema=schema,
        file=file,
        name=answers["name"],
        title=_quoted(answers["title"]),
        publisher=_quoted(answers["publisher"]),
        extends=extends,
        prefix=re.sub(r"[^A-Z0-9]+", "-", answers["name"].upper()).strip("-")[:30],
        source=_quoted(source),
    )


def _quoted(text: str) -> str:
    """A text as a value of YAML, in double quotes: JSON's strings are YAML's."""
    return json.dumps(text.strip(), ensure_ascii=False)
