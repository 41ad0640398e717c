"""What the attack scripts share: the commands that write, how they are run, and how their files are compared."""
