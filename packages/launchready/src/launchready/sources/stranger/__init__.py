"""A handler of JavaScript or TypeScript, walked as a stranger would: does the way lead to data, or to a refusal deeper down?"""
