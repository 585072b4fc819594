"""Numbers become words, tables and pictures here, and nowhere else. Nothing is estimated here."""
