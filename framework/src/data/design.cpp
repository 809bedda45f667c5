// Passes over the rows, and the two coordinate systems.
