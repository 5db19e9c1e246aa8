"""The verbs of the command line, a module for each family; loaded when one of its verbs runs."""

__all__: list[str] = []
