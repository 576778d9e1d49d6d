"""Makes the binary files of data/samples from the prose in texts/: `python -m tests.samples.make`.

The text files of data/samples are written by hand and not touched.
"""
