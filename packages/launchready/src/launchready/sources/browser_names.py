"""Names of settings that build tools put into the pages they make, such as ``VITE_API_KEY``: whatever they hold, every visitor has it."""

import re

BROWSER_PREFIX = re.compile(r"^(?:NEXT_PUBLIC|VITE|REACT_APP|EXPO_PUBLIC|NUXT_PUBLIC|GATSBY|PUBLIC)_")
