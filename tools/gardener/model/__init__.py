"""The nouns: frozen records that every room shares, and nothing that acts."""
