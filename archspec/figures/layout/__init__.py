"""Where the parts of a figure stand: pieces above one another, side by side, or in layers of a directed graph."""
