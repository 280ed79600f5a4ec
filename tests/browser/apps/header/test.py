from full_header import show

show("test")
