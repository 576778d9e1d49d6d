"""A training in several processes, on this machine or on several.

- `launch.py`: the parent's side. It starts the processes as `mlx.launch` does for the ring backend, and ends all when one is
  gone.
- `team.py`: what the processes agree on, add up and share out; `Team` alone is a training in one process. With `data`, each
  process has the whole model and computes its part of every step.
- `cutting.py`: a model of which this process has a block of layers. `schedule.py`: in which order micro-batches pass through the
  blocks. `staged.py`: the team that trains and measures so.
- `parts.py`: one safetensors file out of those that the processes wrote.

Nothing here imports mlx into the process of a flow: there, only `launch.py` is imported.
"""
