"""Stage one: students learn the embedding space from teachers (OmniBind, equations 2 to 7)."""
