"""Speech resources with MRCP semantics, SSML rendering, recorded phrases."""
