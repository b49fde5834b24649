"""The digits of scikit-learn as their file holds them: importing the library itself takes as long as importing torch."""
