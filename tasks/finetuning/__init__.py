"""From a dataset to a LoRA adapter: the model, the training in a process of its own, the measurement before and after.

Never imports mlx into the process of a flow.
"""
