"""Where datasets come from: downloaded, unpacked, or built from published material."""
