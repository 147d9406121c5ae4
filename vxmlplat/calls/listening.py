"""Collecting:

prompts with barge-in, keys against the active grammars (VoiceXML 2.0 §4.1.5 and appendix D).
"""
