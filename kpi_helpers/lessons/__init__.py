"""Lessons: a course on KPIs with the learner's own numbers, from a prediction to an exit question."""

from __future__ import annotations

from kpi_helpers.shopfront import offer

_FACE = {"open_lesson": "player", "LessonPlayer": "player"}
__all__ = list(_FACE)
__getattr__ = offer(__name__, _FACE)
