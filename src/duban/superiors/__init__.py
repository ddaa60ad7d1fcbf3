"""对接上级: the higher department's task behind a matter, and the dealings with it."""
