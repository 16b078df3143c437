"""The commands of `kpi`, one file each: every one offers `command()`, made in the reader's language."""
