"""Personal data and secrets: finds them, counts them per type, and masks or drops them as the settings say.

A value that was found stands nowhere but in the text itself: not in a row, a log, a detail or an error.
"""
