// Where plugins are looked for.
