"""What the pages of an app do in a browser: whom they show what, and which endpoints they call."""
