"""What can go wrong on the way to an adapter, in words that say what to do."""


class FinetuningError(RuntimeError):
    """Anything below, for callers that treat all alike."""


class ModelUnavailable(FinetuningError):
    """The model is not on this machine, or its folder is not a whole mlx-lm model."""


class TrainingFailed(FinetuningError):
    """The training process ended with an error; the message holds the end of what it said."""


class TrainingOutOfMemory(TrainingFailed):
    """The training process was ended for want of memory: a smaller batch_size or max_seq_length is needed."""


class TrainingTimedOut(TrainingFailed):
    """The training took longer than its time limit and was ended."""


class ModelJobFailed(FinetuningError):
    """A process that was to ask, examine or export a model ended with an error; the message holds the end of what it said."""


class AdapterUnavailable(FinetuningError):
    """There is no such adapter below the data root, or its files or its base model are not there."""
