"""What every other room stands on, and which knows none of them."""
