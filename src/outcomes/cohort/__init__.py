"""Records -> integers that add: counts of courses, sessions, events and guidance, asked of the records' own engine, on PySpark of its workers. Nothing is estimated here."""
