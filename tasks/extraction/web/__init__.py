"""Web pages: a page as blocks, which of them are its main content, and both as Markdown."""
