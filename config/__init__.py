"""What a clinic may change, and what both the writer and the reader of paper must know.

Imports nothing of ours: every other package may import this one.
"""
