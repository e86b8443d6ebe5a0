"""Where a service holds data of people, its answers are judged, and nothing of them is kept."""

from small_services import described, report_on_service, service
from whole_runs import judged_anew

from conformance.model.target import DataClass
from conformance.model.verdict import Outcome

ASKED = ("OAPI-RUN-01", "OAPI-RUN-02", "OAPI-RUN-03", "OAPI-RUN-06")


def test_an_id_that_is_a_plain_word_is_nowhere_in_what_is_published(tmp_path, monkeypatch):
    monkeypatch.setattr("small_services.HELD", {"smith": {"id": "smith", "size": "large"}})
    folder = tmp_path / "run"
    report = report_on_service(service(described()), folder, *ASKED, data_class=DataClass.LIVE)
    found = {one.id: one.outcome for one in report.requirements if one.id in ASKED}
    assert found == {
        "OAPI-RUN-01": Outcome.FAIL,
        "OAPI-RUN-02": Outcome.PASS,
        "OAPI-RUN-03": Outcome.PASS,
        "OAPI-RUN-06": Outcome.PASS,
    }
    for path in folder.rglob("*"):
        if path.is_file():
            assert b"smith" not in path.read_bytes(), path.name
    assert judged_anew(folder).on_word
