from full_header import show

show("submit")
