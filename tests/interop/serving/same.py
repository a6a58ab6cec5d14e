"""Compares a REST response on the standard input with what `alexnet predict --json` said."""
import json
import sys

predicted = {p["index"]: p["probability"] for p in json.load(open(sys.argv[1]))[0]["predictions"]}
data = json.load(sys.stdin)["outputs"][0]["data"]
assert len(data) == len(predicted), data
for index, probability in predicted.items():
    assert abs(data[index] - probability) < 1e-6, (data, predicted)
