"""What is wrong within the tables of a source, and between them."""
