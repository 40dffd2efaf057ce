"""To the right place at the first try: what a report is about, where, the same as which, why."""
