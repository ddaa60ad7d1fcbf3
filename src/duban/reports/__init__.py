"""报送: the two reports a year, from the supporting units to the lead to the office."""
