"""《政务督查》、通报: drafted from a snapshot, corrected by units, approved, issued."""
