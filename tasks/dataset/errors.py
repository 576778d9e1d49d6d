"""What can be wrong with a dataset as a whole, and with the files it must be kept apart from."""


class ContractError(ValueError):
    """The dataset would break a rule of the trainer, or has nothing in it; the message says which rule and what to change."""


class EvaluationError(ValueError):
    """An evaluation file is missing or cannot be read; the message names the file, and the line where there is one."""
