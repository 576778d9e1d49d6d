"""Archives, and the attachments of mails, become documents of their own, with their container in the path.

Never trusts a size that an archive states, and never writes under a name that stands in one.
"""
