"""What a browser, a monitor or another program asks of the daemon."""
