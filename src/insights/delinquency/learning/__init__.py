"""The chance of lateness: what is seen when, learnt, tested, and said in reasons."""
