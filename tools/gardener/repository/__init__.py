"""What the repository itself can tell: git, sources, owners.

In reading order:

    asked          git, owners, definitions
    what broke     touched, lineage, evidence
    who            suspects, lineup
    bisection      probe, bisect
"""
