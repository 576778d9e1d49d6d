"""Processes that are started together, followed as one and ended together."""

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tasks.finetuning.errors import TrainingFailed
from tasks.finetuning.parallel import launch
from tasks.finetuning.parallel.launch import Members, remote, start
from tasks.finetuning.settings import FinetuningSettings

TWO = FinetuningSettings(parallel="data", processes=3)
BY_RANK = """
import json, os, signal, sys, time
rank = int(os.environ["MLX_RANK"])
print(f"I am {rank}", file=sys.stderr, flush=True)
print("[ring] Socket 3 was closed by the peer", file=sys.stderr, flush=True)
exec({ACTIONS}[rank])
"""


def run(output: Path, *actions: str) -> tuple[int | None, Members]:
    """Start a process for each action, and follow them to their end."""
    command = [sys.executable, "-c", BY_RANK.replace("{ACTIONS}", repr(list(actions)))]
    members = start(TWO, command, {}, output, "worker.log")
    deadline = time.monotonic() + 30
    while (code := members.poll()) is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return code, members


@pytest.mark.parametrize(
    ("actions", "code", "said"),
    [
        (("sys.exit(0)", "sys.exit(0)", "sys.exit(0)"), 0, "I am 0"),
        (("sys.exit(7)", "sys.exit(5)", "sys.exit(7)"), 5, "I am 1"),
        (("sys.exit(7)", "sys.exit(1)", "os.kill(os.getpid(), 9)"), -9, "I am 2"),
        (("sys.exit(7)", "sys.exit(7)", "sys.exit(137)"), 137, "I am 2"),
        (("sys.exit(7)", "sys.exit(7)", "sys.exit(7)"), 7, "I am 0"),
    ],
)
def test_the_cause_is_told(tmp_path: Path, actions: tuple[str, ...], code: int, said: str) -> None:
    found, members = run(tmp_path, *actions)
    assert (found, members.said()) == (code, said)


def test_processes_that_do_not_end_are_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "FOLLOW_SECONDS", 0.2)
    before = set(psutil.Process().children())
    assert run(tmp_path, "time.sleep(60)", "time.sleep(60)", "sys.exit(4)")[0] == 4
    assert run(tmp_path, "sys.exit(0)", "time.sleep(60)", "sys.exit(0)")[0] == 0
    assert set(psutil.Process().children()) == before


def test_each_process_is_told_its_rank_and_all_addresses(tmp_path: Path) -> None:
    write = f"open(os.path.join({str(tmp_path)!r}, str(rank)), 'w').write(open(os.environ['MLX_HOSTFILE']).read())"
    assert run(tmp_path, write, write, write)[0] == 0
    told = {(tmp_path / str(rank)).read_text() for rank in range(3)}
    assert len(told) == 1
    addresses = [address for each in json.loads(told.pop()) for address in each]
    assert len(set(addresses)) == 3
    assert all(address.startswith("127.0.0.1:") for address in addresses)


def test_a_process_on_another_host_gets_its_environment_and_its_exit_code_comes_back(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import os, sys; print(os.environ['MLX_RANK']); os.kill(os.getpid(), 9)"]
    *ssh, host, script = remote("192.0.2.7", command, {"MLX_RANK": "1 $(x)", "SECRET": "no"})
    assert ssh[0] == "ssh"
    assert host == "192.0.2.7"
    assert "SECRET" not in script
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("1 $(x)\n", 137)


def test_the_first_host_has_to_be_this_one(tmp_path: Path) -> None:
    settings = FinetuningSettings(parallel="data", hosts=["192.0.2.7", "192.0.2.8"])
    with pytest.raises(TrainingFailed, match=r"192\.0\.2\.7 is not"):
        start(settings, ["true"], {}, tmp_path, "worker.log")


def test_processes_on_other_hosts_are_started_by_ssh(tmp_path: Path) -> None:
    """With a stand-in for ssh that notes the host and runs the command here, in an empty environment."""
    ssh = tmp_path / "ssh"
    ssh.write_text(f'#!/bin/sh\necho "$5" >> {tmp_path}/hosts\nexec env -i PATH=/usr/bin:/bin sh -c "$6"\n')
    ssh.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "TMPDIR": "there", "OTHER": "1"}
    settings = FinetuningSettings(parallel="data", hosts=["127.0.0.1", "192.0.2.8"], processes=2)
    write = f"import os; open(os.path.join({str(tmp_path)!r}, os.environ['MLX_RANK']), 'w').write(os.environ['TMPDIR'])"
    members = start(settings, [sys.executable, "-c", write], environment, tmp_path, "worker.log")
    deadline = time.monotonic() + 30
    while members.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [(tmp_path / str(rank)).read_text() for rank in range(4)] == ["there"] * 4
    assert (tmp_path / "hosts").read_text().split() == ["192.0.2.8"] * 2
    addresses = [f"127.0.0.1:{32323 + rank}" for rank in (0, 1)] + [f"192.0.2.8:{32323 + rank}" for rank in (2, 3)]
    assert json.loads((tmp_path / "ring.json").read_text()) == [[address] for address in addresses]
