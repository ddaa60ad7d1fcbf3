"""The door of the browser: pages, templates, assets."""
