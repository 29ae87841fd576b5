"""Paper that never was: hands that fill in forms, and the fax channel that spoils them."""
