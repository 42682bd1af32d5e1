"""How time and memory grow with the number of cells, when these are in a file."""
