"""Letters as other practices write them, drawn, faxed and read: the generator and its score."""
