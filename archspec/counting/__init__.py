"""What counts: conventions, counters, formulas, and figures as they are printed."""
