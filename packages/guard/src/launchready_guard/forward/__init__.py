"""Forward authentication: a proxy asks before it lets a request through to an app in any language."""
