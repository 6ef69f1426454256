"""Who can be compared with whom in a company's tables, and what stands between them."""
