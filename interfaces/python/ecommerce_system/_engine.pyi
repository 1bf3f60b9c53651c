"""The extension made by cffi. Its objects are dynamic; only the package itself uses them."""
from typing import Any

ffi: Any
lib: Any
