"""Two networks by structure, with what each difference costs."""
