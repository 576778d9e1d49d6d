"""One corpus each: read its truth, let product and peers work on the same files, and give figures."""
