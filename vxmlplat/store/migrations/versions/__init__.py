"""Schema changes in order; see ``vxmlplat.store.migrate``."""
