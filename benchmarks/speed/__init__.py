"""Speed, by pytest-benchmark."""
