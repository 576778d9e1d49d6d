"""Exit codes of the `doctune` command."""

EXIT_FAILED = 1  # a run failed; run again and it goes on where it was
EXIT_USAGE = 2  # what was asked for is wrong: an option, a setting, a source that does not exist
EXIT_UNKNOWN = 3  # `why`: no run has seen that document

EXIT_CODES = (
    "Exit codes: 0 done (also when nothing was new), 1 the run failed, 2 wrong options or settings, 3 no such document, "
    "130 interrupted."
)
