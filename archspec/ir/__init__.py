"""The network as data."""
