"""The life of one project under gardener, commit by commit, and the same life under simpler policies."""
