"""The formats of figures, a file each, by the ending of the file that they write."""
