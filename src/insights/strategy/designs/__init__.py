"""The designs: what the treated did beyond what would have been expected of them."""
