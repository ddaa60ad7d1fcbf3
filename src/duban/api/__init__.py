"""接口: the door for programs. JSON over the same queries and actions as the pages, let in by personal tokens."""
