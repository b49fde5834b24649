"""Emit targets, one folder each."""
