"""Closed forms: what networks cost as functions of their parameters, and sweeps and budgets that are worked out by them."""
