"""后台任务: what runs later, each exactly once."""
