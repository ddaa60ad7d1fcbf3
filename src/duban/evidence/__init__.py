"""佐证材料: what proves a matter: files, links, pointers to paper."""
