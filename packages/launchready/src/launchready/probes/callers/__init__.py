"""People the app knows: signed up for the run or named in the project file, each with a session of their own."""
