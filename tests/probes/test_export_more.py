"""The export probes on the whole protocol: the reference supplier, and servers that never come to an end."""

import pytest
from evidence_builder import evidence

from conformance.analysis.export import completion, exported, files, manifest
from conformance.catalog import built_in
from conformance.errors import NoData
from conformance.probes import export_files, export_job


def carry_out(opened, name, **arguments):
    built_in().find("probe", name)(opened.wire, **arguments)
    return opened.evidence()


def judge(name, step, **arguments):
    return list(built_in().find("check", name)(evidence(step), **arguments))


def test_a_job_goes_through_any_sequence(reference):
    actions = ["poll", "wait", "download", "poll", "cancel", "poll", "download", "cancel"]
    step = carry_out(reference, "export-sequence", actions=actions)
    told = [(each.about["action"], each.status) for each in step.labelled("action")]
    assert told == [
        *(("poll", 202), ("download", 200), ("poll", 200), ("cancel", 202)),
        *(("poll", 404), ("download", 404), ("cancel", 404)),
    ]
    assert judge("export-protocol", step) == []


def test_no_job_that_is_cancelled_could_be_that_of_another_step(reference):
    asked = [("export-cancelled", {}), ("export-polled-often", {}), ("export-two-at-once", {})]
    asked += [("export-sequence", {"actions": actions}) for actions in (["cancel"], ["poll", "cancel"])]
    for name, arguments in asked:
        carry_out(reference, name, **arguments)
    begun = [
        each.url
        for label in ("kick-off", "kick-off-second")
        for each in reference.evidence().labelled(label)
        if each.status == 202
    ]
    assert len(begun) == len(asked) + 1
    assert len(set(begun)) == len(begun)
    assert all("_since=19" in url for url in begun)


def test_two_jobs_run_at_once(reference):
    step = carry_out(reference, "export-two-at-once")
    assert [each.status for each in (*step.labelled("kick-off"), *step.labelled("kick-off-second"))] == [
        202,
        202,
    ]
    assert judge("export-jobs-apart", step) == []


def test_many_polls_end_with_the_first_that_is_too_many(reference):
    step = carry_out(reference, "export-polled-often")
    statuses = [each.status for each in step.labelled("burst")]
    assert 429 not in statuses[:-1]
    assert judge("export-throttled", step) == [] if statuses[-1] == 429 else len(statuses) == 30


def test_changes_are_made_and_cleared_away(reference):
    step = carry_out(reference, "export-changes")
    created = {reference for event, reference in reference.journal if event == "created"}
    assert created == {reference for event, reference in reference.journal if event == "deleted"}
    for check in ("export-change-included", "export-deleted-told", "export-deleted-apart"):
        assert judge(check, step) == []


def test_pages_and_early_files_are_fetched(reference):
    step = carry_out(reference, "export", parameters={"allowPartialManifests": "true"}, until="after")
    assert step.notes["pages-ended"] == "complete"
    assert len(step.labelled("file-early")) == 1
    listing = manifest(step)
    assert sorted(files(step)) == list(range(len(listing["output"])))
    assert exported(step).resources == sum(item["count"] for item in listing["output"])
    for check in ("manifest-kept", "export-files-kept", "export-pages-agree", "export-partial-ready"):
        assert judge(check, step) == []


def test_a_narrow_token_is_used_throughout(reference):
    step = carry_out(reference, "export", narrow="Patient", until="files")
    assert set(exported(step).counts) == {"Patient"}
    assert judge("export-within-scope", step) == []


def test_after_an_export_it_is_looked_at_again(reference):
    step = carry_out(reference, "export", parameters={"_type": "Patient,DocumentReference"}, until="after")
    told = {
        label: [each.status for each in step.labelled(label)] for label in ("manifest-again", "file-again")
    }
    assert told == {"manifest-again": [200], "file-again": [200]}
    (part,) = step.labelled("file-part")
    assert part.status in {200, 206}
    assert [each.status for each in step.labelled("file-unknown")] == [404]
    assert [each.status for each in step.labelled("file-after-delete")] == [404]
    assert {each.status for each in step.labelled("attachment")} == {200}


def test_an_export_since_now_brings_nothing(reference):
    step = carry_out(reference, "export-since-now")
    assert judge("manifest-empty-output", step) == []


def job(first, *, then=lambda _: (404, {})):
    """A server with one job whose manifest is `first`; all other addresses are answered by `then`."""

    def answer(method, path):
        if path.startswith("/$export"):
            return 202, {}
        return (200, first) if path == "/job" and method == "GET" else then(path)

    return answer


@pytest.fixture
def located(serve, monkeypatch):
    """Wires whose kick-off leads to /job, though the small server sends no Content-Location."""
    monkeypatch.setattr(
        "conformance.probes.export_job.status_url", lambda _answer, url: url.rpartition("/")[0] + "/job"
    )
    return serve


def linked(place):
    return {"output": [], "error": [], "link": [{"relation": "next", "url": place}]}


def test_pages_without_end_are_followed_within_bounds(located, monkeypatch):
    monkeypatch.setattr(export_job, "MOST_PAGES", 20)
    opened = located(
        job(linked("/job/1"), then=lambda path: (200, linked(f"/job/{int(path.rpartition('/')[2]) + 1}")))
    )
    step = carry_out(opened, "export", until="manifest")
    assert step.notes["pages-ended"] == "limit"
    assert len(step.labelled("manifest-page")) == 19


def test_pages_in_a_circle_are_followed_once(located):
    opened = located(job(linked("/job/1"), then=lambda _: (200, linked("/job"))))
    step = carry_out(opened, "export", until="manifest")
    assert step.notes["pages-ended"] == "loop"
    assert len(step.labelled("manifest-page")) == 1


def test_a_million_files_that_are_not_there_are_given_up(located, monkeypatch):
    monkeypatch.setattr(export_files, "MOST_IN_VAIN", 10)
    items = [{"type": "Patient", "url": f"/file/{number}"} for number in range(1_000_000)]
    opened = located(job({"output": items, "error": []}))
    step = carry_out(opened, "export", until="files")
    assert step.notes["files-left"] == 999_990
    assert len(step.labelled("file")) == 10


def test_whoever_watches_is_told_how_far_a_long_job_is(located, monkeypatch):
    monkeypatch.setattr(export_job, "TOLD_EVERY", 0.3)
    polls = iter(range(8))

    def answer(method, path):
        if path.startswith("/$export"):
            return 202, {}
        return (
            (202, {})
            if method == "GET" and next(polls, None) is not None
            else (200, {"output": [], "error": []})
        )

    opened = located(answer)
    told = []
    monkeypatch.setattr(type(opened.wire), "tell", lambda _, text: told.append(text))
    monkeypatch.setattr(export_job, "LONGEST_WAIT", 0.2)
    carry_out(opened, "export", until="manifest")
    assert len(told) >= 2
    assert all(text.startswith("an export has been running for 0 min, 24.0 h are left") for text in told)


def test_nothing_is_looked_for_after_a_job_that_gave_nothing(located):
    opened = located(job({"output": [], "error": []}))
    step = carry_out(opened, "export", until="after")
    assert completion(step).status == 200
    with pytest.raises(NoData):
        judge("export-files-kept", step)
