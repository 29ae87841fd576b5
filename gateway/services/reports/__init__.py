"""Reports: what they ask of the store, and each as a table of its own."""
