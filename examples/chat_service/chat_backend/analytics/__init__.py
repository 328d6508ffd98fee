"""Figures for the operators."""
