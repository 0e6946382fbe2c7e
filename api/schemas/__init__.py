"""The shapes on the wire: requests are the arguments of one operation, views allow-lists."""
