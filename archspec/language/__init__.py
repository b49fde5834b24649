"""The language: its grammar, its syntax as data, and how text becomes that."""
