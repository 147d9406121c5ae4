"""The 20 ms plane: RTP, codecs, DTMF, mixing, recording, in a process of its own."""
