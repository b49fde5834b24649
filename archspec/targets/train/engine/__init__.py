"""The training program but for its recipe: Python that is copied into every program, and that tests import."""
