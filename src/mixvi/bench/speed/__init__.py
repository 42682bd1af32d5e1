"""How fast a training step is: beside the time of its matrix products, beside other tools, and as data grow."""
