"""The weights of another implementation: read, matched by structure, placed."""
