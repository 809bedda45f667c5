// Reads a plugin's stamp from the bytes of its file.
