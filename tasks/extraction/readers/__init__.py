"""One reader per format; each has the verb `read(source, settings)` and yields parts.

Never imported by name: the registry says which reader a format has.
"""
