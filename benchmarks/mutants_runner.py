"""Running tests against changed code, quickly: tests are collected once, and each change is tried in a fork.

In the fork the function's code is put in place of the old one, so that whoever holds the function has the change; so is
that of the functions within, some of which were made when the module was loaded (by a decorator, say). What was
remembered from before (`functools.cache`) is forgotten. The first fork changes nothing but to note which tests reach
which function; a change is then tried with those, quickest first, and with others of their files.
"""

import ast
import builtins
import functools
import gc
import importlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
import types
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

NOTICED = frozenset({"noticed", "never ends"})
ENOUGH = 10.0
"""Seconds of tests that one change is tried with; what they do not notice has survived."""
LONGEST = 120
CACHED = type(functools.cache(len))

Place = tuple[str, int, str]
"""A function: its file, the line where its code starts, decorators included, and its name."""


def outcomes(drawn: Sequence[tuple[Any, str]], tests: Sequence[str]) -> list[str]:
    """What became of each change: noticed, never ends, survived, or not reached by any test."""
    runner = _Runner(drawn)
    code = pytest.main(["-q", "-s", "-p", "no:cacheprovider", *tests], plugins=[runner])
    if len(runner.found) != len(drawn):
        raise RuntimeError(f"the tests did not pass unchanged (pytest {code})")
    return runner.found


class _Runner:
    def __init__(self, drawn: Sequence[tuple[Any, str]]) -> None:
        self.drawn = drawn
        self.found: list[str] = []
        self.failed = False

    def pytest_load_initial_conftests(self) -> None:
        """What a change breaks need not be made small first, which takes minutes."""
        from hypothesis import Phase, settings  # noqa: PLC0415 - not earlier: pytest rewrites what it imports itself

        settings.register_profile("unshrunk", phases=(Phase.explicit, Phase.reuse, Phase.generate))
        settings.load_profile("unshrunk")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for file in sorted({change.file for change, _ in self.drawn}):
            importlib.import_module(file.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        functions = _functions()
        reached, took = self._reached(session.items, functions)
        for number, (change, text) in enumerate(self.drawn):
            chosen = _quickest(reached.get(_place_of(change), set()), took, session.items)
            outcome = self._tried(change, text, [session.items[n] for n in chosen], functions)
            self.found.append(outcome)
            print(f"{number + 1}/{len(self.drawn)} {outcome}", file=sys.stderr, flush=True)
        return True

    def _reached(
        self, items: list[pytest.Item], functions: dict[Place, list[Any]]
    ) -> tuple[dict[Place, set[int]], list[float]]:
        """For each function of the draw, the tests that reach it; and the seconds that each test takes."""
        with tempfile.TemporaryDirectory() as folder:
            noted = Path(folder) / "reached.json"

            def note() -> int:
                hits: set[int] = set()
                builtins.note_reached = hits.add  # type: ignore[attr-defined]
                places = sorted({_place_of(change) for change, _ in self.drawn})
                for number, place in enumerate(places):
                    _put(_noting(place, number), functions[place])
                tests = []
                for at, item in enumerate(items):
                    hits.clear()
                    started = time.process_time()
                    _run(item, items[at + 1] if at + 1 < len(items) else None)
                    tests.append([sorted(hits), time.process_time() - started])
                    if self.failed:
                        print(f"fails unchanged: {item.nodeid}", file=sys.stderr)
                        return 1
                noted.write_text(json.dumps([places, tests]))
                return 0

            if _forked(note, None):
                raise RuntimeError("the tests do not pass unchanged")
            places, tests = json.loads(noted.read_text())
        reached: dict[Place, set[int]] = {}
        for at, (hits, _) in enumerate(tests):
            for number in hits:
                reached.setdefault(tuple(places[number]), set()).add(at)
        return reached, [took for _, took in tests]

    def _tried(
        self, change: Any, text: str, items: list[pytest.Item], functions: dict[Place, list[Any]]
    ) -> str:
        if not items:
            return "not reached"

        def try_it() -> int:
            _put(_compiled(text, change), functions[_place_of(change)])
            _put_defaults(text, _place_of(change), functions[_place_of(change)])
            for item, following in zip(items, [*items[1:], None], strict=True):
                _run(item, following)
                if self.failed:
                    return 1
            return 0

        return {0: "survived", 1: "noticed"}.get(_forked(try_it, LONGEST), "never ends")


def _run(item: pytest.Item, following: pytest.Item | None) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _quickest(reaching: set[int], took: list[float], items: list[pytest.Item]) -> list[int]:
    """As many tests as come to ENOUGH seconds, and one at least: those that reach a place, quickest first, then others.

    The others are those of the same files: what one test makes (a plan, a compiled expression) may serve the next
    ones, which then show what is wrong with it and do not reach the place themselves.
    """
    files = {items[test].path for test in reaching}
    beside = {at for at, item in enumerate(items) if item.path in files} - reaching
    chosen: list[int] = []
    spent = 0.0
    for test in (*sorted(reaching, key=took.__getitem__), *sorted(beside, key=took.__getitem__)):
        spent += took[test]
        if chosen and spent > ENOUGH:
            break
        chosen.append(test)
    return chosen


def _forked(work: Any, seconds: int | None) -> int:
    """The exit code of this work in a process of its own, which may not take more than these seconds of processor."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 3
        try:
            if seconds:
                resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
                signal.alarm(10 * seconds)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            _forget()
            code = work()
        except BaseException as error:  # noqa: BLE001 - a change may raise anything, and the fork must end here
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            code = 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _forget() -> None:
    for thing in gc.get_objects():
        if isinstance(thing, CACHED):
            thing.cache_clear()


def _functions() -> dict[Place, list[types.FunctionType]]:
    """The functions that there are, by where they were written."""
    found: dict[Place, list[types.FunctionType]] = {}
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType):
            code = thing.__code__
            found.setdefault((code.co_filename, code.co_firstlineno, code.co_name), []).append(thing)
    return found


def _place_of(change: Any) -> Place:
    return (str(Path(change.file).resolve()), change.starts, change.function)


def _compiled(text: str, change: Any) -> types.CodeType:
    path, line, name = _place_of(change)
    return _within(compile(text, path, "exec", dont_inherit=True), line, name)


def _noting(place: Place, number: int) -> types.CodeType:
    """The function's code, which first notes that it was reached."""
    path, line, name = place
    tree = ast.parse(Path(path).read_text("utf-8"))
    _note_first(_defined(tree, place), number)
    return _within(compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True), line, name)


def _defined(tree: ast.Module, place: Place) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """The definition of the function at this place."""
    _, line, name = place
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name != name:
            continue
        if line == min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]):
            return node
    raise LookupError(f"no function {name} at line {line}")


def _note_first(function: ast.AST, number: int) -> None:
    """Changes a function, and those within, to note first that it was reached."""
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body[:0] = ast.parse(f"note_reached({number})").body
        elif isinstance(node, ast.Lambda):
            noted = ast.parse(f"(note_reached({number}), 0)[1]", mode="eval").body
            assert isinstance(noted, ast.Subscript)
            assert isinstance(noted.value, ast.Tuple)
            noted.value.elts[1] = node.body
            node.body = noted


def _within(code: types.CodeType, line: int, name: str) -> types.CodeType:
    """The code of the function of this name that starts at this line."""
    for inner in _all(code):
        if (inner.co_firstlineno, inner.co_name) == (line, name):
            return inner
    raise LookupError(f"no function {name} at line {line}")


def _all(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _all(constant)


def _put(code: types.CodeType, functions: Iterable[types.FunctionType]) -> None:
    """Puts the code in place of that of these functions, and of those that they made before."""
    new = tuple(_all(code))
    within: dict[int, types.CodeType] = {}
    for function in functions:
        old = tuple(_all(function.__code__))
        if len(old) == len(new):
            within |= {id(one): other for one, other in zip(old, new, strict=True)}
        function.__code__ = code
    for thing in gc.get_objects() if within else ():
        if isinstance(thing, types.FunctionType):
            found = within.get(id(thing.__code__))
            if found is not None and found.co_freevars == thing.__code__.co_freevars:
                thing.__code__ = found


def _put_defaults(text: str, place: Place, functions: Iterable[types.FunctionType]) -> None:
    """Defaults of parameters are not in a function's code: they are made anew where one was changed."""
    before, after = (
        _defined(ast.parse(one), place).args for one in (Path(place[0]).read_text("utf-8"), text)
    )
    if ast.dump(before) == ast.dump(after):
        return
    for function in functions:

        def value(node: ast.expr, known: dict[str, Any] = function.__globals__) -> Any:
            return eval(compile(ast.Expression(node), place[0], "eval"), known)

        named = zip(after.kwonlyargs, after.kw_defaults, strict=True)
        function.__defaults__ = tuple(value(node) for node in after.defaults) or None
        function.__kwdefaults__ = {one.arg: value(node) for one, node in named if node is not None}
