"""The portal's pages: widgets in, core calls, widgets out. `_router.py` runs one of them per request."""
