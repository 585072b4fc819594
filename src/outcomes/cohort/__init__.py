"""Records -> integers that add: counts of courses, sessions, events and guidance, asked of the records' own engine. Nothing is estimated here."""
