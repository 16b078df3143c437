from kpi_helpers.history import *  # noqa: F403
