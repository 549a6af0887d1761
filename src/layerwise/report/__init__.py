"""A model tried on rows it never saw, and the written result: HTML that opens offline.

What `layerwise fit` does is `layerwise.report.trial`; its page is `layerwise.report.fit_page`, and
that of a study `layerwise.report.study_page`.
"""
