"""What Referloop measures of itself, from the running thing: `python -m bench`."""
