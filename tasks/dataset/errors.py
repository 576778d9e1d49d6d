"""What can be wrong with a dataset as a whole."""


class ContractError(ValueError):
    """The dataset would break a rule of the trainer, or has nothing in it; the message says which rule and what to change."""
