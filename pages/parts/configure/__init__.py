"""The Configure page's sections: the configuration on the left, what it does on the right. One section a module."""
