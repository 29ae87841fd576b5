"""Whether every line of the clinic works, tried end to end: one check a file, findings in plain words."""
