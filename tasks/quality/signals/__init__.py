"""One module per source of rules; each measures signals of one text and knows no threshold.

A signal that has no meaning for a text (the mean length of no words) is left out, and its gates then say nothing.
"""
