"""Studies over networks that are compiled."""
