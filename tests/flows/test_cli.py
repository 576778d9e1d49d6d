"""The command line: there at once, with an example for everything."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.inspection import check_optional_readers


def test_help_imports_neither_prefect_nor_an_engine() -> None:
    code = (
        "import sys\nfrom flows.cli import main\n"
        "try:\n    main(['run', '--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'prefect', 'mlx', 'pyarrow', 'pydantic', 'unstructured', 'trafilatura', 'numpy'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_an_example_and_its_exit_codes(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"])
    assert shown.exit_code == 0
    assert "Example:" in shown.output
    assert f"doctune {name}" in shown.output
    assert "Exit codes" in shown.output


def test_the_commands_of_the_readme_are_there() -> None:
    looking = {"why", "report", "annotate", "gates", "label", "doctor", "clean"}
    assert set(main.commands) == {"run", "curate", "finetune", "serve", *looking}
    assert isinstance(main, click.Group)


def test_the_doctor_says_what_stays_unread_without_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.extraction.ocr.ocr_identity", lambda: "")
    monkeypatch.setattr("tasks.unpacking.libarchive.engine_version", lambda: None)
    findings = {finding.subject: finding for finding in check_optional_readers()}
    assert {finding.level for finding in findings.values()} == {"note"}
    assert "extraction.needs_ocr" in findings["text recognition"].message
    assert "doctune[archives]" in findings["7z and rar"].message
