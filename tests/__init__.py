"""The tests; a package, so that tests of one name may stand in two folders."""
