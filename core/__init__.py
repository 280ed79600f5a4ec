"""The core of the Developer Portal: pure Python, no Streamlit, the same from pages and command line."""
