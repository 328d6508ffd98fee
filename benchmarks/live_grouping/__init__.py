"""Breaks real projects by a seed and scores how gardener groups what fails."""
