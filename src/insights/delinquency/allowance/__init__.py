"""What may be lost: provisions, bad debts, and what the law gives for delay."""
