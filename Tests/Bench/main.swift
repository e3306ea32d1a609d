// Speed of awl, as ratios measured side by side in one run.
print("bench")
