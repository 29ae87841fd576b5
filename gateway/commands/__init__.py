"""The command line's commands, one noun a file; each calls one use case and prints what it said."""
