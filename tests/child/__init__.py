"""What processes that tests start have on their path."""
