"""Text recognisers, one engine a file."""
