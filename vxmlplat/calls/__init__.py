"""A call: legs, media and interpreters joined; admission, transfer, outbound."""
