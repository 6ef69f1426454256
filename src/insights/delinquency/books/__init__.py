"""The books: how fast money turns, and whether the two ledgers agree."""
