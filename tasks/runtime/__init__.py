"""What the machine offers and how work runs on it: probe, caps, worker processes, progress, doctor.

Never knows what a document is, and never imports Prefect or mlx into the process of a flow.
"""
