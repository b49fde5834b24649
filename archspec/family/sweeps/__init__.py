"""Sweeps: the members of a family by the million, by the arithmetic of one of them on arrays of settings."""
