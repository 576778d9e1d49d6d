"""Metrics of extraction quality: each compares an output with the truth of one document and returns a number in [0, 1]."""
