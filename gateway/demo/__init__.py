"""The demo: a small clinic, its offices and its post office, each a process of its own."""
