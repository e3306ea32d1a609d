print("awl")
