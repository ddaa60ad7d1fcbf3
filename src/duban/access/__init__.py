"""Who may: accounts, roles, permissions."""
