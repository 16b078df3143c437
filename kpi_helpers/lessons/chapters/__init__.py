"""The lessons, a module each, named as in `course`: `compose` turns a company's figures into a script."""
