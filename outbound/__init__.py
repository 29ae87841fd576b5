"""Content to packet to carrier. Knows carriers, knows no database."""
