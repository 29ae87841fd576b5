"""`referloop setup`: a clinic's settings by question and answer, each part tried before it is written."""
