"""Registered before it is seen: the locked plan, the looks at the data, the signed verdicts."""
