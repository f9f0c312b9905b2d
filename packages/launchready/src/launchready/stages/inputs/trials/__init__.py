"""What the app is sent that it must refuse, and how often it may be called: the questions of this stage."""
