"""Ways to read a page, one a file: each has a `read(data) -> (people, dates, numbers)` to be compared by."""
