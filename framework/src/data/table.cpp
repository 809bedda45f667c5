// Look-up of columns.
