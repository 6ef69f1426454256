"""When the money comes: a hazard of settlement by week, and what past forecasts were worth."""
