"""The pure core: values and decisions. No clock, no log, no input or output."""
