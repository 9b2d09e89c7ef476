"""Stage two: fusion heads on embeddings of frozen students (OmniBind, equations 8 and 9)."""
