"""The guard for apps in Node: a middleware that keeps the same policy, for Express and Next.js."""
