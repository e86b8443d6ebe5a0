"""One requirement laid open: everything that a challenge asks, and nothing of a report that was not verified."""

import json
import re
import shlex

import pytest
from tender_cases import BARE, PROFILE, Scene
from whole_runs import command, copied

FAILING = (
    PROFILE
    + """\
  - id: S-WRONG
    level: SHALL
    text: What is not there answers in a way that no server knows.
    source: https://example.org/#wrong
    tests:
      - probe: {request: {path: "/Patient/{id}"}}
        draw: {id: unknown-id}
        examples: 2
        expect: [{status: {code: 418}}]
"""
)


@pytest.fixture(scope="module")
def scene(tmp_path_factory, reference_supplier):
    """A run under a pack, in which one requirement fails."""
    made = Scene(tmp_path_factory.mktemp("explained"), reference_supplier.url)
    made.profile.write_text(FAILING)
    assert made.pack("pack.json", "--set", "page=3") == 0
    assert made.run("run", "pack.json") == 1
    return made


def explain(scene, name: str, run="run", *more: object) -> int:
    return command("reports", "explain", name, "--run", scene.place / run, "--trust", scene.trust, *more)


def told(scene, capsys, name: str, run="run", *more: object) -> dict:
    capsys.readouterr()
    assert explain(scene, name, run, "--json", *more) == 0
    return json.loads(capsys.readouterr().out)


def test_a_failure_is_laid_open_with_all_that_it_rests_on(scene, capsys):
    found = told(scene, capsys, "S-WRONG")
    report = json.loads((scene.place / "run" / "report.json").read_bytes())
    result = next(r for r in report["requirements"] if r["id"] == "S-WRONG")
    assert found["requirement"] == result
    assert "code: 418" in found["recipes"][0]
    assert [case["id"] for case in found["cases"]] == ["S-WRONG/1", "S-WRONG/2"]
    for case, verdict in zip(found["cases"], result["verdicts"], strict=True):
        assert case["basis"] == "judged anew here, with the same outcome"
        (exchange,) = case["exchanges"]
        assert [{"id": exchange["id"], "sha256": exchange["sha256"]}] == verdict["evidence"]
        assert case["drawn"]["id"] in exchange["url"]
        assert exchange["curl"] == verdict["curl"]
        assert exchange["body"]["text"].startswith('{"resourceType":"OperationOutcome"')
        (rule,) = case["judgedBy"]
        assert rule["arguments"] == {"code": 418}
        assert "status" in rule["says"].lower()
    assert found["testedWith"]["digest"] == found["verifiedWith"]["digest"]
    assert found["digests"]["profile"] == report["profile"]["digest"]


def test_the_commands_that_it_gives_work(scene, capsys):
    found = told(scene, capsys, "S-WRONG")
    for _, line in found["again"][:2]:
        words = shlex.split(line)
        trust = ("--trust", scene.trust) if words[1] == "verify" else ()
        assert command(*words[1:], *trust) in {1, 3}
    assert command(*shlex.split(found["cases"][0]["replay"])[1:]) == 1
    rerun = shlex.split(found["again"][2][1])
    assert rerun[:3] == ["conformance", "run", "asked"]
    swapped = [str(scene.target) if word == "target.yaml" else word for word in rerun[3:]]
    out = ("--out", scene.place / "rerun", "--quiet", "--views", "none")
    assert command("run", scene.profile, *swapped, *out) == 1
    again = json.loads((scene.place / "rerun" / "report.json").read_bytes())
    assert again["parameters"]["page"] == 3


@pytest.mark.parametrize(
    ("run", "trusting", "who"),
    [
        ("run", True, "the buyer, in the tender pack of North Trust"),
        ("run", False, "that nobody whom you trust signed"),
        ("own", True, "who ran the test (independent-lab)"),
        ("plain", True, "the profile"),
    ],
)
def test_it_says_who_set_a_limit(scene, capsys, tmp_path, run, trusting, who):
    if run == "own":
        scene.run("own", None, "--set", "page=3")
    if run == "plain":
        scene.run("plain", None)
    trust = scene.trust
    if not trusting:
        trust = tmp_path / "trust.toml"
        public = scene.place / "lab.pub.pem"
        assert (
            command("trust", "add", public, "--name", "lab", "--role", "independent-lab", "--trust", trust)
            == 0
        )
    (limit,) = told(scene, capsys, "S-SEARCH", run, "--trust", trust)["limits"]
    assert limit["name"] == "page"
    assert who in limit["setBy"]


def test_the_page_says_what_the_terminal_says_and_holds_every_case(scene, capsys, tmp_path):
    page = tmp_path / "page.html"
    assert explain(scene, "S-WRONG", "run", "--html", page, "--tender", scene.place / "pack.json") == 0
    shown = " ".join(capsys.readouterr().out.split())
    html = " ".join(page.read_text().split())
    for words in (
        "S-WRONG/1", "S-WRONG/2", "drawn", "conformance replay", "judged anew here", "North Trust", "code = 418",
        "What is not there answers in a way that no server knows.", "unknown", "SHA-256",
    ):  # fmt: skip
        assert words.lower() in shown.lower(), words
        assert words.lower() in html.lower(), words
    assert "<script" not in html


def test_what_has_no_test_is_explained_too(scene, capsys):
    assert explain(scene, "S-WORD") == 0
    shown = capsys.readouterr().out
    assert "The profile has no test for it." in shown
    assert "nothing outside can see it" in shown


def test_a_bundle_is_explained_like_a_folder(scene, capsys):
    assert told(scene, capsys, "S-WRONG", "run/run.conformance.zip")["cases"]


def test_a_requirement_that_is_not_there_is_told_with_the_nearest(scene, capsys):
    assert explain(scene, "S-WRNG") == 2
    assert "did you mean 'S-WRONG'?" in capsys.readouterr().err


def test_a_report_that_was_changed_or_not_signed_is_not_explained(scene, capsys, tmp_path):
    changed = copied(scene.place / "run", tmp_path)
    (changed / "report.json").write_bytes(
        (changed / "report.json").read_bytes().replace(b'"fail"', b'"pass"')
    )
    assert command("reports", "explain", "S-WRONG", "--run", changed, "--trust", scene.trust) == 1
    assert "cannot be explained: it was not verified" in capsys.readouterr().err
    (changed / "report.dsse.json").unlink()
    assert command("reports", "explain", "S-WRONG", "--run", changed, "--trust", scene.trust) == 1
    assert "UNSIGNED" in capsys.readouterr().err


def test_a_run_that_does_not_fit_the_pack_is_not_explained_as_if_it_did(scene, capsys):
    assert scene.pack("another.json") == 0
    assert explain(scene, "S-WRONG", "run", "--tender", scene.place / "another.json") == 3
    assert "parameter page: has 3, wants 5" in capsys.readouterr().err


def test_what_rests_on_the_testers_word_is_said_to(scene, capsys):
    text = scene.target.read_text()
    try:
        scene.target.write_text(text.replace("synthetic", "live"))
        scene.run("live", None)
    finally:
        scene.target.write_text(text)
    found = told(scene, capsys, "S-WRONG", "live")
    assert {case["basis"].partition(":")[0] for case in found["cases"]} == {"on the tester's word"}
    assert not any(exchange["body"].get("kept") for case in found["cases"] for exchange in case["exchanges"])
    assert explain(scene, "S-WRONG", "live") == 0
    assert "2 cases rest on the tester's word" in " ".join(capsys.readouterr().out.split())


def test_signing_once_more_changes_nothing_but_the_signers(scene, capsys, tmp_path):
    again = copied(scene.place / "run", tmp_path)
    assert command("sign", again, "--key", scene.place / "buyer", BARE) == 0
    one, two = told(scene, capsys, "S-READ"), told(scene, capsys, "S-READ", again)
    assert len(two["signers"]) == 2
    plain = [
        re.sub(r"conformance (verify|replay) \S+", "", json.dumps(x | {"signers": []})) for x in (one, two)
    ]
    assert plain[0] == plain[1]
