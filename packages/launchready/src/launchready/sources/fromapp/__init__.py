"""The route table that an app itself holds, asked for in a process that serves nothing."""
