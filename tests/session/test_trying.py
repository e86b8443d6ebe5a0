"""An author sees at once whether a profile bites: which requirement catches what, and what is a false alarm."""

import pytest
from whole_runs import command

from conformance.catalog import built_in
from conformance.errors import Interrupted, UsageError
from conformance.model.trial import Seen, Trial
from conformance.model.verdict import Outcome
from conformance.session.authoring import trying
from conformance.session.authoring.trying import Wish, try_profile
from conformance.views.progress import SilentProgress

HOUSE = """\
profile: house
version: 0.1.0
title: House rules
requirements:
  - id: H-UNKNOWN
    level: SHALL
    text: What is not there is not found.
    source: https://example.org/rules.html#unknown
    tests:
      - probe: {request: {path: "/Patient/{id}"}}
        draw: {id: {unknown-id: {}}}
        expect: [{status: {code: 404}}]
  - id: H-SLACK
    level: SHALL
    text: What is not there is answered somehow.
    source: https://example.org/rules.html#somehow
    tests:
      - probe: {request: {path: "/Patient/{id}"}}
        draw: {id: {unknown-id: {}}}
        expect: [{status: {code: [200, 400, 404, 500]}}]
  - id: H-ALARM
    level: SHALL
    text: There is no capability statement.
    source: https://example.org/rules.html#none
    tests:
      - probe: {request: {path: /metadata}}
        expect: [{status: {code: 404}}]
"""
FAULTS = ("unknown-id-answers-200", "illegal-id-answers-500")


@pytest.fixture
def house(tmp_path, home):
    file = tmp_path / "house.yaml"
    file.write_text(HOUSE)
    return file


@pytest.fixture
def counted(monkeypatch):
    """The names of the faults that were really run."""
    ran = []
    real = trying._Bench.trial

    def trial(self, fault, only):
        ran.append(fault)
        return real(self, fault, only)

    monkeypatch.setattr(trying._Bench, "trial", trial)
    return ran


def tried(file, *faults, progress=None, **rest):
    wish = Wish(str(file), faults=faults, **rest)
    return try_profile(wish, built_in(), progress or SilentProgress())


def test_each_requirement_is_told_what_it_caught_and_false_alarms_count_for_nothing(house, counted):
    found = tried(house, *FAULTS)
    bites = {bite.id: bite for bite in found.requirements}
    assert bites["H-UNKNOWN"].caught == ("unknown-id-answers-200",)
    assert bites["H-SLACK"].caught == ()
    assert bites["H-SLACK"].has_shown_nothing
    assert [bite.id for bite in found.false_alarms] == ["H-ALARM"]
    assert bites["H-ALARM"].caught == ()
    assert bites["H-ALARM"].honest.said.endswith("answered 200, not 404")
    assert set(found.unnoticed) == {"illegal-id-answers-500"}
    assert set(counted) == {"", *FAULTS}


def test_what_was_tried_is_kept_and_a_changed_profile_is_tried_anew(house, counted):
    first = tried(house, FAULTS[0], only=("H-UNKNOWN",))
    assert tried(house, FAULTS[0], only=("H-UNKNOWN",)) == first
    assert counted == ["", FAULTS[0]]
    tried(house, FAULTS[0], only=("H-UNKNOWN",), fresh=True)
    assert counted == ["", FAULTS[0]] * 2
    house.write_text(HOUSE.replace("code: 404", "code: 410", 1))
    assert tried(house, FAULTS[0], only=("H-UNKNOWN",)).false_alarms
    assert counted == ["", FAULTS[0]] * 3


def test_a_broken_off_trial_goes_on_where_it_stopped_and_drops_a_torn_line(house, counted, home):
    house.write_text(HOUSE.replace("0.1.0", "0.1.7"))
    before = set(home.rglob("tries/*.jsonl"))

    class Broken(SilentProgress):
        def step(self, done_id):
            if done_id == FAULTS[0]:
                raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="2 finished trials kept"):
        tried(house, *FAULTS, only=("H-UNKNOWN",), progress=Broken())
    (kept,) = set(home.rglob("tries/*.jsonl")) - before
    assert [Trial.read(line).fault for line in kept.read_bytes().splitlines()] == ["", FAULTS[0]]
    kept.write_bytes(kept.read_bytes()[:-20])
    found = tried(house, *FAULTS, only=("H-UNKNOWN",))
    assert counted == ["", FAULTS[0], FAULTS[0], FAULTS[1]]
    assert found.run == 2


def test_only_the_faults_that_the_calls_could_notice_are_run_unasked(house, monkeypatch):
    asked = {}

    def passing(_, fault, only):  # what is chosen is the point here, not what comes of it
        asked[fault] = only
        return Trial(fault=fault, seen={id_: Seen(outcome="pass") for id_ in only})

    monkeypatch.setattr(trying._Bench, "trial", passing)
    found = tried(house, fresh=True)
    assert asked[FAULTS[0]] == ["H-UNKNOWN", "H-SLACK", "H-ALARM"]
    assert "export-drops-deceased-patients" not in asked
    assert found.run == len(asked) - 1 == len(found.unnoticed)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--faults", "no-such-fault"], 2, "there is no fault named 'no-such-fault'"),
        (["--only", "H-UNKNWN"], 2, "did you mean 'H-UNKNOWN'?"),
        (["--only", "H-SLACK", "--faults", FAULTS[0]], 0, "H-SLACK binds, and has shown nothing"),
        (["--only", "H-SLACK", "--faults", FAULTS[0], "--strict"], 1, "1 fault run, 1 not noticed"),
        (["--only", "H-ALARM", "--faults", FAULTS[0]], 1, "FALSE ALARM: H-ALARM fails the honest supplier"),
    ],
)
def test_the_command_says_what_follows_and_ends_so(house, options, code, said, capsys):
    assert command("profiles", "try", house, "--quiet", *options) == code
    told = capsys.readouterr()
    assert said in " ".join((told.out + told.err).split())


def test_a_profile_without_tests_has_nothing_to_try(tmp_path, capsys):
    file = tmp_path / "empty.yaml"
    file.write_text(HOUSE.partition("requirements:")[0])
    assert command("profiles", "try", file) == 5
    assert "has no test" in capsys.readouterr().err


def test_a_profile_is_tried_on_the_supplier_that_it_is_about(home):
    bites = try_profile(
        Wish("gp-connect-like", only=("GPC-CAP-01",), fresh=True), built_in(), SilentProgress()
    )
    (bite,) = bites.requirements
    assert bite.honest.outcome is Outcome.PASS
    assert "gp-says-r4" in bite.caught


def test_a_fault_of_another_supplier_is_not_said_to_go_unnoticed(house):
    with pytest.raises(UsageError, match="gp-says-r4: not to be seen"):
        try_profile(Wish(str(house), faults=("gp-says-r4",)), built_in(), SilentProgress())
