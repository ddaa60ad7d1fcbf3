"""公文: what was issued, kept byte for byte; its numbers, its wording, the scans of what was signed and sealed."""
