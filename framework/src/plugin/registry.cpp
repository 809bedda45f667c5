// Finds, checks, refuses and loads plugins.
