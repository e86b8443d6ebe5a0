"""Exports that lie on object storage: a server that speaks S3, over HTTP, read through fsspec as anyone's would be."""

import gzip
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from conformance.errors import UsageError
from conformance.session.inspect import Order, inspect
from conformance.session.inspection_sources import found_at
from conformance.session.inspection_tasks import Settings

boto3 = pytest.importorskip("boto3", reason="moto is not installed: pip install 'conformance-harness[test]'")
pytest.importorskip("s3fs")
moto = pytest.importorskip("moto.server")
pytestmark = pytest.mark.filterwarnings("default")

CHUNK = 200_000


def lines(kind, count):
    def line(number):
        subject = {"reference": f"Patient/p{number % 310}"}
        return json.dumps({"resourceType": kind, "id": f"p{number}", "subject": subject}).encode() + b"\n"

    return b"".join(map(line, range(count)))


EXPORT = {
    "Condition.ndjson.gz": gzip.compress(lines("Condition", 900)),
    "Observation.ndjson": lines("Observation", 30_000) + b"{\n",
    "Patient.ndjson": lines("Patient", 300),
    "deep/er/Empty.ndjson": b"",
}


@pytest.fixture(scope="module")
def storage():
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    known = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "tester",
        "AWS_SECRET_ACCESS_KEY": "a-secret-of-a-test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in known.items():
            patch.setenv(name, value)
        yield boto3.client("s3")
    server.stop()


@pytest.fixture
def bucket(storage, request):
    name = f"exports-{abs(hash(request.node.name))}"
    storage.create_bucket(Bucket=name)
    for key, body in EXPORT.items():
        storage.put_object(Bucket=name, Key=f"july/{key}", Body=body)
    storage.put_object(Bucket=name, Key="july/readme.txt", Body=b"not an export")
    storage.put_object(Bucket=name, Key="august/Patient.ndjson", Body=b"{}\n")
    return name


@pytest.fixture
def folder(tmp_path):
    for name, body in EXPORT.items():
        path = tmp_path / "export" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return tmp_path / "export"


def order(source, tmp_path, **more):
    given = {"settings": Settings(validate=False), "chunk": CHUNK, **more}
    return Order(files=found_at(str(source)).files, work=tmp_path / "work", **given)


def test_what_lies_in_a_bucket_comes_to_the_same_as_what_lies_in_a_folder(bucket, folder, tmp_path):
    there = inspect(order(f"s3://{bucket}/july", tmp_path))
    here = inspect(order(folder, tmp_path))
    assert [file.name for file in there.files] == sorted(EXPORT)
    assert there.canonical() == here.canonical()


def test_several_processes_read_one_object(bucket, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("conformance.session.inspection_workers.SMALL", 0)
    there = inspect(order(f"s3://{bucket}/july/", tmp_path, workers=2))
    assert there.canonical() == inspect(order(folder, tmp_path)).canonical()


def test_an_object_that_is_written_anew_meanwhile_is_told(bucket, storage, tmp_path):
    given = order(f"s3://{bucket}/july", tmp_path)

    def after(task):
        if task.file.name == "Patient.ndjson":
            storage.put_object(Bucket=bucket, Key="july/Patient.ndjson", Body=EXPORT["Patient.ndjson"][::-1])

    found = {file.name: file for file in inspect(given, after).files}
    assert "it was changed while it was read" in str(found["Patient.ndjson"].plain())
    assert "changed" not in str(found["Observation.ndjson"].plain())


def test_an_object_that_is_gone_is_told_and_the_others_are_read(bucket, storage, tmp_path):
    given = order(f"s3://{bucket}/july", tmp_path)
    storage.delete_object(Bucket=bucket, Key="july/Observation.ndjson")
    found = {file.name: file.plain() for file in inspect(given).files}
    assert "No such file or directory" in str(found["Observation.ndjson"])
    assert found["Patient.ndjson"]["resources"] == 300


@pytest.mark.parametrize("place", ["no-such-bucket-here", "{bucket}/september"])
def test_what_is_not_there_is_told_in_one_sentence(bucket, place):
    with pytest.raises(UsageError) as told:
        found_at("s3://" + place.format(bucket=bucket))
    assert place.format(bucket=bucket) in told.value.message


@pytest.mark.nightly
def test_more_objects_than_one_answer_lists_are_all_found(storage):
    storage.create_bucket(Bucket="many")
    for number in range(1_003):
        storage.put_object(Bucket="many", Key=f"export/{number:04}.ndjson", Body=b"")
    assert len(found_at("s3://many/export").files) == 1_003


@pytest.mark.nightly
def test_memory_does_not_grow_with_an_object(storage, tmp_path):
    storage.create_bucket(Bucket="large")
    block = lines("Patient", 40_000)
    upload = storage.create_multipart_upload(Bucket="large", Key="Patient.ndjson")
    named = {"Bucket": "large", "Key": "Patient.ndjson", "UploadId": upload["UploadId"]}
    sent = 0
    parts = []
    for number in range(1, 51):
        answer = storage.upload_part(**named, PartNumber=number, Body=block * 2)
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        sent += 2 * len(block)
    storage.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    program = """
import sys
from pathlib import Path
from conformance.cli.main import run
code = run(["inspect", "s3://large", "--no-validate", "--quiet", "--json", "--workers", "1", "--work", sys.argv[1]])
(peak,) = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
print(int(peak) // 1024, code, file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "work")],
        capture_output=True, text=True, env=dict(os.environ), check=True,
    )  # fmt: skip
    memory, _ = map(int, done.stderr.split()[-2:])
    assert json.loads(done.stdout)["files"][0]["resources"] == 4_000_000
    assert sent > 300_000_000
    assert memory < 300


def test_a_file_url_and_its_path_are_the_same_export(folder, tmp_path):
    by_url = replace(order(folder, tmp_path), files=found_at(folder.as_uri()).files)
    assert inspect(by_url).canonical() == inspect(order(folder, tmp_path)).canonical()
