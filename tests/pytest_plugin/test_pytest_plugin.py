"""The pytest plugin, as a supplier uses it: pytest within pytest, against the reference supplier."""

import pytest
from small_profiles import READING, write_profile, write_target

pytest_plugins = ["pytester"]

FAILING = """\
  - id: S-WRONG
    level: SHALL
    text: The capability statement is not there.
    source: https://example.org/#wrong
    tests:
      - probe: {request: {path: /metadata, label: metadata}}
        expect: [{status: {code: 404}}]
  - id: S-ADVICE
    level: SHOULD
    text: The capability statement is elsewhere.
    source: https://example.org/#advice
    tests:
      - probe: {request: {path: /metadata, label: metadata}}
        expect: [{status: {code: 410}}]
  - id: S-OPEN
    level: SHALL
    text: Something that no test is for.
    source: https://example.org/#open
    untested: nothing outside can see it
"""
WRONG = READING + FAILING

IN_PROCESS = """
import json
import pytest
from conformance.pytest_plugin.running import in_process

CAPABILITY = {"resourceType": "CapabilityStatement", "status": "active", "date": "2026-01-01", "kind": "instance",
    "fhirVersion": "4.0.1", "format": ["json"], "rest": [{"mode": "server"}]}

async def asgi(scope, receive, send):
    assert scope["type"] == "http"
    code, body = (200, CAPABILITY) if scope["path"] == "/fhir/metadata" else (404, {"resourceType": "OperationOutcome"})
    headers = [(b"content-type", b"application/fhir+json")]
    await send({"type": "http.response.start", "status": code, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})

def wsgi(environ, start_response):
    found = environ["PATH_INFO"] == "/fhir/metadata"
    start_response("200 OK" if found else "404 Not Found", [("Content-Type", "application/fhir+json")])
    return [json.dumps(CAPABILITY if found else {"resourceType": "OperationOutcome"}).encode()]
"""


@pytest.fixture
def place(pytester, reference_supplier):
    """A supplier's folder with a profile, a target file, and nothing to do with the harness's own settings."""
    write_profile(pytester.path, WRONG)
    write_target(pytester.path / "target.yaml", reference_supplier.url)
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider\n")
    return pytester


def harness(place, *options, target=("--conformance-target", "target.yaml")):
    return place.runpytest_inprocess(
        "--conformance-profile", "small.yaml", *target, "--conformance-out", "out", *options
    )


def test_each_case_is_an_item_and_what_was_not_shown_is_no_pass(place):
    done = harness(place, "-rs")
    done.assert_outcomes(passed=9, failed=1, skipped=2, warnings=1)
    assert done.ret == 1
    done.stdout.fnmatch_lines(
        [
            "S-WRONG (SHALL) is not met",
            "Source: *https://example.org/#wrong",
            "Case: *S-WRONG/1",
            "Seen: *404*",
            "Try it: *curl *metadata*",
            "Replay: *conformance replay *out --only S-WRONG/1",
            "*S-ADVICE (SHOULD) is not met*",
            "Result: FAILED. Report (unsigned): *out",
            "*S-WORD (MAY): untested, which is no pass: nothing outside can see it",
        ]
    )
    assert "Traceback" not in done.stdout.str()
    assert (place.path / "out" / "report.json").is_file()


def test_marks_and_keywords_choose_what_is_sent(place):
    harness(place, "-m", "shall", "-k", "S-META or S-WORD").assert_outcomes(passed=1, deselected=11)
    suite = (place.path / "out" / "suite.json").read_text()
    assert '"only":["S-META/1"]' in suite


def test_strict_fails_what_was_not_shown_and_a_warning_fails_where_asked(place):
    harness(place, "-k", "S-OPEN or S-WORD", "--conformance-strict").assert_outcomes(
        failed=1, skipped=1, deselected=10
    )
    harness(place, "-k", "S-ADVICE", "--conformance-fail-on", "warning").assert_outcomes(
        failed=1, deselected=11
    )


def test_a_session_in_which_nothing_was_decided_does_not_end_well(place):
    done = harness(place, "-k", "S-OPEN or S-WORD")
    done.assert_outcomes(skipped=2, deselected=10)
    assert done.ret == 5
    done.stdout.fnmatch_lines(["Nothing was tested: this is no pass."])


def test_what_failed_last_is_run_alone(place):
    place.makeini("[pytest]\n")
    harness(place, "-k", "S-META or S-WRONG").assert_outcomes(passed=1, failed=1, deselected=10)
    done = place.runpytest_inprocess(
        "--conformance-profile", "small.yaml", "--conformance-target", "target.yaml", "--lf"
    )
    done.assert_outcomes(failed=1, deselected=11)


def test_workers_share_one_run(place):
    done = place.runpytest_subprocess(
        *("--conformance-profile", "small.yaml", "--conformance-target", "target.yaml", "-n", "2")
    )
    done.assert_outcomes(passed=9, failed=1, skipped=2, warnings=1)
    assert done.ret == 1
    assert len(list((place.path / "reports").iterdir())) == 1
    done.stdout.fnmatch_lines(["Result: FAILED. Report (unsigned): *small-*"])


def test_mistakes_are_told_in_words(place):
    nowhere = place.runpytest_inprocess("--conformance-profile", "small.yaml")
    assert nowhere.ret == 4
    nowhere.stderr.fnmatch_lines(["*needs a target*"])
    write_target(place.path / "nowhere.yaml", "http://127.0.0.1:9/fhir")
    unreachable = harness(place, "-k", "S-META", target=("--conformance-target", "nowhere.yaml"))
    unreachable.assert_outcomes(failed=1, deselected=11)
    unreachable.stdout.fnmatch_lines(["nothing was tested: http://127.0.0.1:9/fhir cannot be tested*"])
    unknown = place.runpytest_inprocess(
        "--conformance-profile", "smal", "--conformance-url", "http://x.invalid"
    )
    assert unknown.ret == 2
    unknown.stdout.fnmatch_lines(["*there is no profile named 'smal'*"])
    assert "Traceback" not in unknown.stdout.str() + unreachable.stdout.str()


@pytest.mark.parametrize("app", ["asgi", "wsgi"])
def test_an_application_in_this_process_needs_no_socket(place, app):
    place.makeconftest(
        IN_PROCESS + f"def pytest_conformance_target():\n"
        f"    return in_process({app}, base='/fhir', product='Tried', data_class='synthetic')\n"
    )
    done = harness(place, "-k", "S-META or S-UNKNOWN or S-WRONG", target=())
    done.assert_outcomes(passed=3, failed=1, deselected=8)
    assert "http://in-process.invalid/fhir" in (place.path / "out" / "report.json").read_text()


def test_the_fixtures_test_an_application_in_a_test_of_ones_own(place):
    place.makeconftest(
        IN_PROCESS + "@pytest.fixture(scope='session')\n"
        "def conformance_target():\n"
        "    return in_process(asgi, base='/fhir', data_class='synthetic')\n"
    )
    place.makepyfile(
        """
        def test_it(conformance_run):
            done = conformance_run("small.yaml", only=["S-META", "S-WRONG"])
            outcomes = {r.id: r.outcome for r in done.report.requirements}
            assert outcomes["S-META"] == "pass" and outcomes["S-WRONG"] == "fail"
            assert done.report.result == "FAILED"
        """
    )
    place.runpytest_inprocess().assert_outcomes(passed=1)


def test_an_application_that_does_not_start_is_told(place):
    place.makeconftest(
        "from conformance.pytest_plugin.running import in_process\n"
        "async def app(scope, receive, send):\n"
        "    await receive()\n"
        "    await send({'type': 'lifespan.startup.failed', 'message': 'no database'})\n"
        "def pytest_conformance_target():\n"
        "    return in_process(app)\n"
    )
    done = harness(place, "-k", "S-META", target=())
    done.assert_outcomes(failed=1, deselected=11)
    done.stdout.fnmatch_lines(["*the application did not start: no database*"])


def test_without_the_option_nothing_of_the_harness_is_loaded(place):
    place.makepyfile(
        """
        import sys

        def test_it():
            loaded = {name for name in sys.modules if name.startswith("conformance")}
            assert loaded == {"conformance", "conformance.pytest_plugin"}
        """
    )
    place.runpytest_subprocess().assert_outcomes(passed=1)
