"""A FHIR terminology server as `RemoteTerminology`: asks `$validate-code`, in batches where the server takes them.

Sources: FHIR R4, ValueSet/$validate-code, CodeSystem/$validate-code, batch interaction (http.html#transaction).
What goes wrong on the way is no verdict: it becomes `CANNOT_TELL` with a reason. Answers are kept, for this run and,
where a file is given, for the next.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from conformance.errors import UsageError
from conformance.fhir.terminology.answer import Answer, cannot_tell
from conformance.fhir.terminology.nouns import Question
from conformance.outside.terminology_answers import batch, batch_answers, parameters, read_answer
from conformance.outside.terminology_cache import AnswerCache
from conformance.outside.terminology_line import Politeness, TerminologyLine, Trouble

BATCH_SIZE = 50
_PATIENCE = 5
"""So many failures in a row, and the server is left alone for the rest of the run."""


class _Unsupported(Exception):
    """The server takes no batches."""


class TerminologyServer:
    """The terminology server at a base URL. A context manager: leaving it closes the connections.

    `cache` is a file of answers that outlives the run. Raises UsageError where the URL is none.
    Safe for use by many threads.
    """

    def __init__(self, base: str, *, cache: Path | None = None, politeness: Politeness | None = None) -> None:
        try:
            url = httpx.URL(base.rstrip("/"))
        except httpx.InvalidURL:
            url = httpx.URL("")
        if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query:
            raise UsageError(
                "the address of the terminology server is no plain http or https URL",
                hint="Write its FHIR base, as in --tx https://tx.example.org/r4",
            )
        self._name = url.host
        self._politeness = politeness or Politeness()
        self._line = TerminologyLine(str(url), self._politeness)
        self._cache = AnswerCache(str(url), cache)
        self._lock = threading.Lock()
        self._takes_batches = True
        self._failures = 0

    def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """One answer for each question, in their order; each distinct one is asked once."""
        found: dict[Question, Answer] = {}
        missing: list[Question] = []
        for each in dict.fromkeys(questions):
            kept = self._cache.get(each)
            if kept is None:
                missing.append(each)
            else:
                found[each] = kept
        parts = [missing[start : start + BATCH_SIZE] for start in range(0, len(missing), BATCH_SIZE)]
        if len(parts) <= 1:
            answered = [self._part(part) for part in parts]
        else:
            with ThreadPoolExecutor(self._politeness.concurrency) as workers:
                answered = list(workers.map(self._part, parts))
        for part, answers in zip(parts, answered, strict=True):
            for each, answer in zip(part, answers, strict=True):
                self._cache.put(each, answer)
                found[each] = answer
        return [found[each] for each in questions]

    def close(self) -> None:
        """Close the connections and the file of answers."""
        self._line.close()
        self._cache.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _part(self, questions: list[Question]) -> list[Answer]:
        if len(questions) > 1 and self._takes_batches:
            try:
                answers = self._batch(questions)
            except _Unsupported:
                self._takes_batches = False
            else:
                return [
                    self._with_definition(each, answer)
                    for each, answer in zip(questions, answers, strict=True)
                ]
        return [self._with_definition(each, self._single(each, None)) for each in questions]

    def _with_definition(self, question: Question, answer: Answer) -> Answer:
        """The answer; where the server does not know the value set, its answer once it is shown the value set."""
        if (
            answer.cannot_tell
            and question.definition is not None
            and answer.reason == self._unknown(question)
        ):
            return self._single(question, question.definition)
        return answer

    def _batch(self, questions: list[Question]) -> list[Answer]:
        """Raises _Unsupported where the answer is no batch-response to this batch."""
        try:
            status, body = self._send("", batch(questions))
        except Trouble as trouble:
            return [cannot_tell(str(trouble))] * len(questions)
        answers = batch_answers(status, body, len(questions))
        if answers is None:
            raise _Unsupported
        return [
            self._read(each, code, answer) for each, (code, answer) in zip(questions, answers, strict=True)
        ]

    def _single(self, question: Question, definition: Any) -> Answer:
        kind = "ValueSet" if question.value_set else "CodeSystem"
        try:
            status, body = self._send(f"/{kind}/$validate-code", parameters(question, definition))
        except Trouble as trouble:
            return cannot_tell(str(trouble))
        return self._read(question, status, body)

    def _read(self, question: Question, status: int, body: Any) -> Answer:
        return read_answer(status, body, self._name, self._unknown(question))

    def _unknown(self, question: Question) -> str:
        asked = (
            f"the value set {question.value_set}"
            if question.value_set
            else f"the code system {question.system}"
        )
        return f"the terminology server {self._name} does not know {asked}"

    def _send(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Raises Trouble, at once where the server has failed too often."""
        if self._failures >= _PATIENCE:
            raise Trouble(
                f"the terminology server {self._name} failed {_PATIENCE} times in a row and is left alone"
            )
        try:
            sent = self._line.send(path, body)
        except Trouble:
            with self._lock:
                self._failures += 1
            raise
        with self._lock:
            self._failures = 0
        return sent
