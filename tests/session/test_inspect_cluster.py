"""The same facts from a cluster: a real scheduler and several worker processes, one of which dies in the middle."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import trustme

from conformance.errors import HarnessError, UsageError
from conformance.outside.cluster import ClusterAddress
from conformance.session.inspect import Order, inspect
from conformance.session.inspection_sources import found_at
from conformance.session.inspection_tasks import Settings

pytest.importorskip(
    "distributed", reason="dask.distributed is not installed: pip install 'conformance-harness[cluster]'"
)
pytestmark = pytest.mark.filterwarnings("default")

SERVER = """
import sys
from distributed import LocalCluster
from distributed.security import Security
files = {f"tls_{role}_{kind}": sys.argv[1] + "/" + kind + ".pem"
         for role in ("scheduler", "worker", "client") for kind in ("cert", "key")}
security = Security(require_encryption=True, tls_ca_file=sys.argv[1] + "/ca.pem", **files)
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None,
                      local_directory=sys.argv[1], memory_limit=0, protocol="tls://", security=security) as cluster:
        print(cluster.scheduler_address, *(w.pid for w in cluster.workers.values()), flush=True)
        sys.stdin.read()
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "server.py").write_text(SERVER)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    command = [sys.executable, str(folder / "server.py"), str(folder)]
    server = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    address, *pids = server.stdout.readline().split()
    known = {"ca": "ca.pem", "certificate": "cert.pem", "key": "key.pem"}
    files = {name: str(folder / file) for name, file in known.items()}
    yield ClusterAddress(f"dask://{address.removeprefix('tls://')}", **files), [int(pid) for pid in pids]
    server.stdin.close()
    server.wait(30)
    server.stdout.close()


@pytest.fixture
def export(tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()

    def line(kind, number):
        subject = {"reference": f"Patient/p{number % 310}"}
        return json.dumps({"resourceType": kind, "id": f"p{number}", "subject": subject}).encode() + b"\n"

    (folder / "Patient.ndjson").write_bytes(b"".join(line("Patient", n) for n in range(300)))
    (folder / "Observation.ndjson").write_bytes(
        b"".join(line("Observation", n) for n in range(30_000)) + b"{\n"
    )
    (folder / "Condition.ndjson.gz").write_bytes(
        gzip.compress(b"".join(line("Condition", n) for n in range(900)))
    )
    return folder


def order(export, tmp_path, **more):
    settings = Settings(validate=False)
    return Order(
        files=found_at(str(export)).files, work=tmp_path / "work", settings=settings, chunk=100_000, **more
    )


def test_a_cluster_comes_to_the_same_bytes_though_a_worker_dies(cluster, export, tmp_path):
    address, workers = cluster
    here = inspect(order(export, tmp_path))
    done = []

    def after(task):
        done.append(task)
        if len(done) == 5:
            os.kill(workers[0], signal.SIGKILL)
            time.sleep(0.5)

    there = inspect(replace(order(export, tmp_path), cluster=address), after)
    assert there.canonical() == here.canonical()
    assert len(done) > 20
    assert not (tmp_path / "work").exists() or not list((tmp_path / "work").iterdir())


def test_no_scheduler_is_told(export, tmp_path, monkeypatch):
    monkeypatch.setattr("conformance.outside.cluster.CONNECT_SECONDS", 1)
    nobody = ClusterAddress("dask://127.0.0.1:9", insecure=True)
    with pytest.raises(UsageError, match="no scheduler answers"):
        inspect(replace(order(export, tmp_path), cluster=nobody))


LONELY = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
                      local_directory=sys.argv[1], memory_limit=0) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def lonely(tmp_path):
    """A scheduler that may be killed, and its address."""
    (tmp_path / "lonely.py").write_text(LONELY)
    command = [sys.executable, str(tmp_path / "lonely.py"), str(tmp_path)]
    server = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    place = server.stdout.readline().strip().removeprefix("tcp://")
    yield server, ClusterAddress(f"dask://{place}", insecure=True)
    server.kill()
    server.wait()
    server.stdin.close()
    server.stdout.close()


def test_a_scheduler_that_is_lost_midway_is_told(lonely, export, tmp_path, monkeypatch):
    monkeypatch.setattr("conformance.outside.cluster.CONNECT_SECONDS", 3)
    server, address = lonely
    with pytest.raises(HarnessError, match="scheduler was lost"):
        inspect(replace(order(export, tmp_path), cluster=address), lambda _task: server.kill())


def test_both_sides_must_speak_tls(cluster, export, tmp_path):
    address, _ = cluster
    with pytest.raises(UsageError, match="no scheduler answers"):
        inspect(replace(order(export, tmp_path), cluster=ClusterAddress(address.address, insecure=True)))
    with pytest.raises(UsageError, match="needs --cluster-ca"):
        inspect(replace(order(export, tmp_path), cluster=ClusterAddress(address.address)))


@pytest.mark.parametrize("engine", ["dask", "ray://host:1", "dask://", "dask://host/path"])
def test_an_engine_that_is_none_is_told(export, tmp_path, engine):
    with pytest.raises(UsageError, match="engine"):
        inspect(replace(order(export, tmp_path), cluster=ClusterAddress(engine, insecure=True)))


def test_files_may_lie_where_fsspec_finds_them(export, tmp_path):
    pytest.importorskip("fsspec")
    url = export.as_uri()
    found = inspect(replace(order(export, tmp_path), files=found_at(url).files))
    assert found == inspect(order(export, tmp_path))


def test_a_storage_without_its_library_is_told():
    with pytest.raises(UsageError) as told:
        found_at("abfs://container/folder")
    assert "adlfs" in told.value.message + told.value.hint
