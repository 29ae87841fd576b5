"""The daemon: referrals, their documents, and the loop that closes them."""
