// Data files to tables.
