"""The training program: one standalone file beside the emitted module."""
