"""Mail: messages of any format as one structure, and that as Markdown."""
