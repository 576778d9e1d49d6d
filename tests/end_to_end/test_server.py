"""The same flows on a real server: deployed from prefect.yaml, run by a worker, failed, retried, seen in its API."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.end_to_end.conftest import CHECKOUT, SAMPLES

pytestmark = [pytest.mark.server, pytest.mark.slow]
PREFECT = [sys.executable, "-m", "prefect"]
PATIENCE_SECONDS = 300
NIGHTLY = {"sources": ["data/samples"], "finetuning": {"max_steps": 4, "steps_per_report": 2, "extraction_tokens": 32}}


@dataclass
class Server:
    """A running Prefect server with a process worker. checkout: a copy that the worker runs from."""

    url: str
    checkout: Path
    environment: dict[str, str]

    def call(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.url + path, data=data, headers={"Content-Type": "application/json"})
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def prefect(self, *arguments: str) -> str:
        done = subprocess.run(
            [*PREFECT, *arguments],
            cwd=self.checkout,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, deployment: str, parameters: dict[str, Any]) -> str:
        found = self.call(f"/deployments/name/{deployment}/{deployment}")
        run: str = self.call(f"/deployments/{found['id']}/create_flow_run", {"parameters": parameters})["id"]
        return run

    def finished(self, run: str, after: int = 0) -> dict[str, Any]:
        """The flow run once it is in a final state and has been started more than `after` times."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            state: dict[str, Any] = self.call(f"/flow_runs/{run}")
            if state["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") and state["run_count"] > after:
                return state
            time.sleep(1)
        raise AssertionError(f"flow run {run} did not end: {state['state_name']}")

    def task_states(self, run: str) -> list[tuple[str, str]]:
        """(task, state) of all task runs, once the server has digested their events."""
        body = {"flow_runs": {"id": {"any_": [run]}}, "limit": 200}
        runs = self.call("/task_runs/filter", body)
        return sorted((task["name"].rpartition("-")[0], task["state_name"]) for task in runs)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    checkout = folder / "checkout"
    shutil.copytree(
        CHECKOUT, checkout, ignore=lambda place, names: {name for name in names if name not in WANTED and place == str(CHECKOUT)}
    )
    shutil.copytree(SAMPLES, checkout / "data" / "samples")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "DOCTUNE_"))}
    environment = {
        **kept,
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "PYTHONPATH": str(checkout),
        "MLX_DISABLE_COMPILE": "1",
    }
    running = Server(environment["PREFECT_API_URL"], checkout, environment)
    processes = [_spawn(running, folder, "server", "start", "--host", "127.0.0.1", "--port", str(port))]
    try:
        _until_healthy(running)
        running.prefect("work-pool", "create", "local", "--type", "process")
        running.prefect("--no-prompt", "deploy", "--all")
        processes.append(_spawn(running, folder, "worker", "start", "--pool", "local", "--limit", "1"))
        yield running
    finally:
        for process in reversed(processes):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


WANTED = ("flows", "tasks", "deployments", "pyproject.toml", "prefect.yaml")


def _spawn(server: Server, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    log = (folder / f"{arguments[0]}.log").open("wb")
    return subprocess.Popen(
        [*PREFECT, *arguments], cwd=server.checkout, env=server.environment, stdout=log, stderr=log, start_new_session=True
    )


def _until_healthy(server: Server) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            server.call("/health")
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError("the server did not become healthy")


def test_every_parameter_has_a_form_with_its_bounds(server: Server) -> None:
    schema = server.call("/deployments/name/nightly/nightly")["parameter_openapi_schema"]
    assert set(schema["properties"]) == {"sources", "model", "curation", "finetuning", "runtime", "data_root"}
    assert all("description" in field for field in schema["properties"].values())
    words = schema["definitions"]["GateSettings"]["properties"]["min_words"]
    assert "Fewest words" in words["description"]
    assert server.call("/deployments/name/nightly/nightly")["schedules"][0]["active"]


def test_a_run_fails_is_retried_and_takes_what_succeeded_from_the_cache(server: Server) -> None:
    obstacle = server.checkout / "data" / "adapters"
    obstacle.write_text("a file where a folder should be")
    run = server.start("nightly", NIGHTLY)
    failed = server.finished(run)
    assert failed["state_type"] == "FAILED"
    dataset = json.loads((server.checkout / "data" / "datasets" / "current.json").read_text())

    obstacle.unlink()
    server.prefect("flow-run", "retry", run)
    done = server.finished(run, after=failed["run_count"])
    assert (done["state_type"], done["state_name"]) == ("COMPLETED", "Completed")
    assert json.loads((server.checkout / "data" / "datasets" / "current.json").read_text()) == dataset

    end = time.monotonic() + PATIENCE_SECONDS
    while ("finetuning", "Completed") not in (states := server.task_states(run)) and time.monotonic() < end:
        time.sleep(1)  # the server digests events after the run has ended
    assert {"shard", "detection", "extraction", "normalization", "quality-gates", "dataset"} <= {name for name, _ in states}
    assert ("shard", "Cached") in states
    assert ("dataset", "Cached") in states
    assert states.count(("extraction", "Completed")) == 1

    artifacts = {artifact["key"] for artifact in server.call("/artifacts/filter", {"limit": 50})}
    assert {"doctune-run", "doctune-funnel", "doctune-reasons", "doctune-throughput", "doctune-model"} <= artifacts


def test_a_second_run_ends_as_nothing_new(server: Server) -> None:
    done = server.finished(server.start("nightly", NIGHTLY))
    assert (done["state_type"], done["state_name"]) == ("COMPLETED", "NothingNew")


def test_a_setting_out_of_range_is_refused_before_a_run_exists(server: Server) -> None:
    with pytest.raises(OSError, match=r"409|422"):
        server.start("nightly", {"sources": ["data/samples"], "curation": {"gates": {"basic": {"min_words": -1}}}})
