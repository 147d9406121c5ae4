"""Makes the modules that tests of flows share importable: ``flow_walking`` and ``flow_cases``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

for _name, _file in (("flow_walking", "walking.py"), ("flow_cases", "cases.py")):
    if _name not in sys.modules:
        _spec = importlib.util.spec_from_file_location(_name, Path(__file__).with_name(_file))
        assert _spec is not None
        assert _spec.loader is not None
        _module = importlib.util.module_from_spec(_spec)
        sys.modules[_name] = _module
        _spec.loader.exec_module(_module)
