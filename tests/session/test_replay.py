"""Judging anew: the evidence alone gives the same report, and nobody passes by asking less."""

import json
import random

import pytest
from small_profiles import READING
from whole_runs import changed_suite, command, copied, finished_run, judged_anew, lines_of, write_lines

from conformance.errors import UnknownName, Unreadable
from conformance.model.report import Result
from conformance.model.verdict import Outcome


@pytest.fixture(scope="module")
def finished(reference_supplier, tmp_path_factory):
    return finished_run(tmp_path_factory.mktemp("replayed"), reference_supplier.url)


@pytest.fixture
def copy(finished, tmp_path):
    return copied(finished, tmp_path)


def test_the_evidence_alone_gives_the_same_report_to_the_byte(finished):
    again = judged_anew(finished)
    assert again.report.canonical() == (finished / "report.json").read_bytes()
    assert (again.judged, again.on_word, again.by_plugins) == (10, (), ())
    assert again.report.result is Result.PASSED


def test_the_order_of_the_lines_of_evidence_makes_no_difference(finished, copy):
    header, *steps, _footer = lines_of(copy)
    random.Random(1).shuffle(steps)
    write_lines(copy, [header, *steps])
    assert lines_of(copy) != lines_of(finished)
    assert judged_anew(copy).report.canonical() == (finished / "report.json").read_bytes()


def test_the_command_says_that_it_is_what_was_recorded(finished, capsys):
    assert command("replay", finished, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["asRecorded"], shown["judged"], shown["report"]["result"]) == (True, 10, "PASSED")


@pytest.mark.parametrize("place", ["bundle", "folder"])
def test_a_bundle_is_as_good_as_its_folder(finished, place, capsys):
    path = finished if place == "folder" else finished / f"{finished.name}.conformance.zip"
    assert command("replay", path, "--json") == 0
    assert json.loads(capsys.readouterr().out)["asRecorded"] is True


@pytest.mark.parametrize("names", [["S-READ"], ["S-READ/2"], ["S-META", "S-READ/1"]])
def test_some_cases_can_be_judged_alone_and_the_rest_then_counts_as_untested(finished, names):
    report = judged_anew(finished, *names).report
    tried = {v.case for r in report.requirements for v in r.verdicts}
    assert all(any(case.startswith(name) for name in names) for case in tried)
    assert report.result is not Result.PASSED


def test_an_unknown_case_is_told_with_the_closest_name(finished):
    with pytest.raises(UnknownName, match="did you mean 'S-READ"):
        judged_anew(finished, "S-REED")


def test_changed_evidence_gives_another_verdict(copy):
    header, *steps, _footer = lines_of(copy)
    steps = [line.replace(b'"status":404', b'"status":200') for line in steps]
    write_lines(copy, [header, *steps])
    report = judged_anew(copy).report
    assert report.result is Result.FAILED
    assert {r.id for r in report.requirements if r.outcome is Outcome.FAIL} == {"S-UNKNOWN"}


@pytest.mark.parametrize(
    "cut",
    [
        lambda lines: lines[:-1],
        lambda lines: lines[:-2],
        lambda lines: [*lines[:-1], lines[-1][:10]],
        lambda lines: [*lines, b"more"],
        lambda lines: [*lines, b"{}\n"],
        lambda lines: lines[:1],
        lambda lines: [*lines[:2], *lines[3:]],
        lambda _lines: [],
        lambda lines: [b"\xff\xfe\n", *lines],
    ],
    ids=["footer", "step", "torn", "longer", "line-more", "header-only", "one-less", "empty", "no-text"],
)
def test_evidence_that_was_cut_or_changed_is_unreadable(copy, cut, capsys):
    (copy / "evidence.jsonl").write_bytes(b"".join(cut(lines_of(copy))))
    assert command("replay", copy) == 2
    assert "has no footer: the run broke off, or the file was cut" in capsys.readouterr().err


def test_evidence_of_fewer_steps_is_incomplete_even_with_a_fitting_footer(copy):
    header, *steps, _footer = lines_of(copy)
    write_lines(copy, [header, *steps[:-1]])
    with pytest.raises(Unreadable, match="lacks the evidence of 1 step"):
        judged_anew(copy)


@pytest.mark.parametrize("line", [b"{}\n", b"[1]\n", b'{"step":1}\n', b"nonsense\n"])
def test_a_line_that_is_no_evidence_is_named(copy, line):
    header, *steps, _footer = lines_of(copy)
    write_lines(copy, [header, line, *steps])
    with pytest.raises(Unreadable, match=r"line 2 of .* is no evidence"):
        judged_anew(copy)


def test_evidence_of_another_format_is_not_guessed_at(copy):
    _header, *steps, _footer = lines_of(copy)
    write_lines(copy, [b'{"format":"99"}\n', *steps])
    with pytest.raises(Unreadable, match="does not say that this is evidence of format 1"):
        judged_anew(copy)


def test_a_body_that_was_changed_is_named(copy):
    body = max((copy / "bodies").glob("*.gz"), key=lambda path: path.stat().st_size)
    body.write_bytes(body.read_bytes()[:-9] + b"changed!!")
    with pytest.raises(Unreadable, match=body.name):
        judged_anew(copy)


def test_a_body_that_was_withheld_is_nobodys_word(copy):
    cases = json.loads((copy / "suite.json").read_bytes())["cases"]
    wanted = next(case["steps"][0] for case in cases if case["id"] == "S-READ/1")
    steps = [json.loads(line) for line in lines_of(copy)[1:-1]]
    for exchange in next(step["exchanges"] for step in steps if step["step"] == wanted):
        (copy / "bodies" / f"{exchange['body']['sha256']}.gz").unlink()
    again = judged_anew(copy)
    assert again.on_word == ()
    assert again.report.result is Result.INCONCLUSIVE


def test_without_the_bodies_of_discovery_the_binding_cannot_be_checked(copy):
    for body in (copy / "bodies").glob("*.gz"):
        body.unlink()
    with pytest.raises(Unreadable, match="not bound as its profile and the discovery say"):
        judged_anew(copy)


@pytest.mark.parametrize("name", ["suite.json", "evidence.jsonl", "report.json", "run.json"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff", b'{"unknown": 1}'])
def test_a_file_that_is_missing_or_no_such_thing_is_told_without_a_traceback(copy, name, content, capsys):
    (copy / name).unlink()
    if content is not None:
        (copy / name).write_bytes(content)
    assert command("replay", copy) == 2
    told = capsys.readouterr().err
    assert name in told
    assert "Traceback" not in told


def fewer_cases(suite):
    for member in ("templates", "cases"):
        suite[member] = [case for case in suite[member] if case["id"] != "S-READ/3"]


def weaker_expect(suite):
    for member in ("templates", "cases"):
        for case in suite[member]:
            if case["requirement"] == "S-READ":
                case["expect"] = case["expect"][:1]


def weaker_case(suite):
    for case in suite["cases"]:
        if case["id"] == "S-READ/1":
            case["expect"] = case["expect"][:1]


def unfaithful_binding(suite):
    next(case for case in suite["cases"] if case["id"] == "S-READ/1")["values"]["p.id"] = "another"


def invented_gate(suite):
    case = next(case for case in suite["cases"] if case["id"] == "S-UNKNOWN/1")
    case["inapplicable"] = "because I say so"
    del case["steps"], case["expect"]


def lacking_data(suite):
    case = next(case for case in suite["cases"] if case["id"] == "S-READ/1")
    case["untestable"] = "no data"


def other_limit(suite):
    suite["parameters"]["page"] = 1


def other_digest(suite):
    suite["profileDigest"] = "0" * 64


def withdrawn_case(suite):
    suite["cases"] = suite["cases"][1:]


def row_left_out(suite):
    suite["cases"] = [c for c in suite["cases"] if not c["id"].startswith("S-EACH/1:")][:]
    suite["cases"].append({"id": "S-EACH/1", "requirement": "S-EACH", "inapplicable": "nothing is declared"})


def one_row_left_out(suite):
    first = next(case for case in suite["cases"] if case["id"].startswith("S-EACH/1:"))
    suite["cases"].remove(first)


def fewer_rows(suite):
    for template in suite["templates"]:
        if template.get("each"):
            template["each"]["most"] = 1


def gap_not_told(suite):
    suite.pop("notTried", None)


def case_twice(suite):
    suite["templates"] = [*suite["templates"], suite["templates"][0]]


def easy_case_again(suite):
    """The unknown id of the second case is asked for in place of the first read."""
    easy = next(t for t in suite["templates"] if t["id"] == "S-UNKNOWN/2")
    suite["templates"] = [easy | {"id": t["id"]} if t["id"] == "S-READ/1" else t for t in suite["templates"]]


def other_probe(suite):
    for step in suite["steps"]:
        if step["probe"].get("paging"):
            step["probe"]["paging"]["count"] = 1


@pytest.mark.parametrize(
    "change",
    [
        fewer_cases,
        weaker_expect,
        weaker_case,
        unfaithful_binding,
        invented_gate,
        lacking_data,
        other_limit,
        other_digest,
        withdrawn_case,
        row_left_out,
        one_row_left_out,
        fewer_rows,
        gap_not_told,
        case_twice,
        easy_case_again,
        other_probe,
    ],
)
def test_a_suite_that_asks_less_than_its_profile_is_refused(copy, change):
    changed_suite(copy, change)
    with pytest.raises(Unreadable, match=r"the suite (is not that of its profile|was not bound)"):
        judged_anew(copy)


def test_a_run_of_some_cases_only_can_be_judged_anew_and_does_not_pass(reference_supplier, tmp_path):
    folder = finished_run(tmp_path, reference_supplier.url, READING, "--only", "S-READ/2", "--only", "S-META")
    again = judged_anew(folder)
    assert again.report.canonical() == (folder / "report.json").read_bytes()
    assert again.report.result is Result.INCONCLUSIVE
