"""The guide's build: offline, every figure made by its code, every formula as MathML."""

import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import layerwise

project = "Layerwise"
copyright = "the Layerwise developers"  # noqa: A001
version = release = layerwise.__version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "numpydoc",
    "guide",
    "languages",
    "search_pages",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_ext", "_static", "README.md"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Layerwise"
html_static_path = ["_static"]
html_css_files = ["guide.css"]
html_js_files = ["interactive.js"]
html_math_renderer = "mathml"
html_search_language = "two"
html_show_sourcelink = False
html_copy_source = False
fonts = "-apple-system, BlinkMacSystemFont, Segoe UI, Helvetica, Arial, Guide Korean, sans-serif"
html_theme_options = {
    "navigation_with_keys": True,
    "light_css_variables": {"font-stack": fonts},
}
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autosummary_generate = False  # which numpydoc would have it do
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
numpydoc_class_members_toctree = False
nitpicky = False
pygments_style, pygments_dark_style = "friendly", "monokai"

warnings.filterwarnings("ignore", message=".*ConvergenceWarning.*")
