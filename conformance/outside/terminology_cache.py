"""Answers of a terminology server that are kept: in memory, and as JSON lines in a file that outlives the run.

Only verdicts are kept in the file. A line that cannot be read is passed over: it costs one more question.
"""

import os
import threading
from pathlib import Path

import orjson

from conformance.errors import UsageError
from conformance.fhir.terminology.answer import Answer, Membership
from conformance.fhir.terminology.nouns import Question

_LARGEST_FILE = 64 * 2**20
_Key = tuple[str, str, str, str]
_VERDICTS = {each.value: each for each in Membership if each is not Membership.CANNOT_TELL}


class AnswerCache:
    """The answers of one server, by value set, system, version and code. Safe for use by many threads.

    Raises UsageError where the file cannot be opened.
    """

    def __init__(self, server: str, path: Path | None = None) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._known: dict[_Key, Answer] = {}
        self._file: int | None = None
        self._room = _LARGEST_FILE
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
                self._load()
            except OSError as error:
                raise UsageError(
                    f"the file of terminology answers {path} cannot be used: {error.strerror}",
                    hint="Give another place, or none.",
                ) from error

    def get(self, question: Question) -> Answer | None:
        """The answer that is kept; None where there is none."""
        return self._known.get(_key(question))

    def put(self, question: Question, answer: Answer) -> None:
        """Keep an answer; one that cannot tell only for this run."""
        key = _key(question)
        with self._lock:
            if key in self._known:
                return
            self._known[key] = answer
            if self._file is None or answer.cannot_tell:
                return
            line = orjson.dumps([self._server, *key, answer.membership.value, answer.reason]) + b"\n"
            self._room -= len(line)
            if self._room > 0:
                os.write(self._file, line)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _load(self) -> None:
        assert self._file is not None
        with os.fdopen(os.dup(self._file), "rb") as stream:
            stream.seek(0)
            content = stream.read(_LARGEST_FILE)
        self._room -= len(content)
        if content and not content.endswith(b"\n"):
            os.write(self._file, b"\n")
        for line in content.splitlines():
            self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            fields = orjson.loads(line)
        except orjson.JSONDecodeError:
            return
        match fields:
            case [self._server, str(a), str(b), str(c), str(d), str(verdict), str(reason)] if (
                verdict in _VERDICTS
            ):
                self._known[a, b, c, d] = Answer(_VERDICTS[verdict], reason)
            case _:
                return


def _key(question: Question) -> _Key:
    """A value of type `code` has no system: a character that no system has stands for that."""
    system = "?" if question.system is None else question.system
    return question.value_set, system, question.version, question.code
