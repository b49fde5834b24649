"""Networks of other programs become tables: readers make a graph of layers, and folding writes it as a spec."""
