"""The processes of one training, from their parent's side: started together, followed as one, ended together. No mlx here.

They find each other as processes of `mlx.launch --backend ring` do: a file with the address of each, by rank, named by
MLX_HOSTFILE, and the own rank in MLX_RANK (mlx/_distributed_utils/launch.py). mlx.launch itself is not used: it ends with 0
whatever its processes ended with, and the way that a training ends decides what is tried next.
"""

import contextlib
import json
import os
import shlex
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from tasks.finetuning.errors import TrainingFailed
from tasks.finetuning.parallel.parts import part_name
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import EXIT_PEER_LOST

HOSTFILE = "ring.json"
FIRST_PORT = 32323  # with hosts; the one that mlx.launch begins with
FOLLOW_SECONDS = 10.0  # after one process is gone: the others notice it within milliseconds, or when they are done computing
TAIL_CHARACTERS = 2000
# What a process on another host has to know from here.
PASSED_ON = ("PYTHONPATH", "TMPDIR", "MLX_RANK", "MLX_HOSTFILE", "MLX_DISABLE_COMPILE", "HF_HUB_OFFLINE", "HF_HOME")


class Members:
    """The processes of a training. exit codes: those of `subprocess`."""

    def __init__(self, processes: "Sequence[subprocess.Popen[bytes]]", logs: Sequence[Path]) -> None:
        self._processes, self._logs = processes, logs
        self._last_words = logs[0]

    def poll(self) -> int | None:
        """The exit code of the training, None while it goes on: the one of the process that was the first cause when they fail.

        When one fails, or the first one is done, the others are given a while, and then killed.
        """
        codes = [process.poll() for process in self._processes]
        if not any(codes) and codes[0] is None:
            return None
        deadline = time.monotonic() + FOLLOW_SECONDS
        while None in codes and time.monotonic() < deadline:
            time.sleep(0.01)
            codes = [process.poll() for process in self._processes]
        self.kill()
        causes = [rank for rank, code in enumerate(codes) if code and code != EXIT_PEER_LOST] or [
            rank for rank, code in enumerate(codes) if code
        ]
        rank = max(causes, key=lambda rank: _was_killed(codes[rank]), default=0)
        self._last_words = self._logs[rank]
        return codes[rank]

    def said(self) -> str:
        """The end of what was said by the process whose exit code is the training's."""
        lines = self._last_words.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(line for line in lines if not line.startswith("[ring]")).strip()[-TAIL_CHARACTERS:]

    def end(self, seconds: float) -> None:
        """End all; they may write a checkpoint first, for so many seconds. They end together once the first one is asked to."""
        if self._processes[0].poll() is None:
            self._processes[0].terminate()
        deadline = time.monotonic() + seconds
        for process in self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        self.kill()

    def kill(self) -> None:
        """End those that are left, and let go of their standard input, which ends processes on other hosts too."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
            if process.stdin:
                process.stdin.close()


def _was_killed(code: int | None) -> bool:
    """Whether a signal ended a process; as a shell reports it too."""
    return code is not None and (code < 0 or 128 < code < 255)


def start(
    settings: FinetuningSettings, command: Sequence[str], environment: Mapping[str, str], output: Path, log_name: str
) -> Members:
    """Start the processes of a training with this command, each with a rank in its environment.

    output: where the logs and the list of addresses are written. Raises TrainingFailed when the first host is not this machine.
    """
    processes: list[subprocess.Popen[bytes]] = []
    logs = [output / part_name(log_name, rank) for rank in range(settings.team_size)]
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(log.open("wb")) for log in logs]
        if settings.parallel == "off":
            processes.append(_start(command, environment, streams[0]))
            return Members(processes, logs)
        addresses = _addresses(settings)
        (output / HOSTFILE).write_text(json.dumps([[f"{host}:{port}"] for host, port in addresses]), encoding="utf-8")
        try:
            for rank, ((host, _), stream) in enumerate(zip(addresses, streams, strict=True)):
                own = {**environment, "MLX_RANK": str(rank), "MLX_HOSTFILE": str(output / HOSTFILE)}
                here = not settings.hosts or host == settings.hosts[0]
                processes.append(_start(command if here else remote(host, command, own), own, stream))
        except BaseException:
            Members(processes, logs).kill()
            raise
    return Members(processes, logs)


def _start(command: Sequence[str], environment: Mapping[str, str], log: IO[bytes]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,  # never written to: its end tells the process that this one is gone
        stdout=subprocess.DEVNULL,
        stderr=log,
        env=dict(environment),
    )


def remote(host: str, command: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """The command that starts one on another host by ssh. Its standard input ends there when ssh ends here; a shell stays between
    them, because ssh does not say which signal ended a command, and a shell does (128 and its number)."""
    known = [f"{name}={environment[name]}" for name in PASSED_ON if name in environment]
    script = f"cd {shlex.quote(os.getcwd())}; {shlex.join(['env', *known, *command])}; exit $?"
    return ["ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", host, script]


def _addresses(settings: FinetuningSettings) -> list[tuple[str, int]]:
    """Host and port of each process, by rank. Raises TrainingFailed when the first host is not this machine."""
    if not settings.hosts:
        return [("127.0.0.1", port) for port in _free_ports(settings.team_size)]
    with socket.socket() as test:
        try:
            test.bind((settings.hosts[0], 0))
        except OSError as error:
            raise TrainingFailed(
                f"finetuning.hosts: the first address has to be one of this machine, and {settings.hosts[0]} is not"
            ) from error
    each = settings.processes_per_host
    hosts = [host for host in settings.hosts for _ in range(each)]
    return [(host, FIRST_PORT + rank) for rank, host in enumerate(hosts)]


def _free_ports(count: int) -> list[int]:
    """Ports of this machine that no one listens on; all are looked for at once, so that they differ."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
