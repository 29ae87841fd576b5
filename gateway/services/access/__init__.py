"""Who may come in: accounts, stays, second factors, and the log of what people saw and did."""
