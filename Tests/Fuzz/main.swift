// A seeded fuzzer over the readers.
print("fuzz")
