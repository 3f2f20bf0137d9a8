"""Decisions: DMN 1.2 to 1.5 models over FEEL."""
