"""Closed forms: what networks cost as functions of their parameters, and what is worked out by them."""
