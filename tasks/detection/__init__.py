"""What a file really is: its format, its text encoding, and whether it can be read at all.

Never extracts text, and never believes an extension over the content.
"""
