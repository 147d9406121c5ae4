"""vxmlplat: an open VoiceXML 2.1 / CCXML 1.0 platform."""

__version__ = "0.1.0"
