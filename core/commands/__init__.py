"""The commands of `python -m core`, one module each; core/__main__.py says what they are called and take."""
