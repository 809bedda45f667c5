// Cross-products as triangular factors.
