"""NVIDIA's tritonclient against the server: triton.py http|grpc ADDRESS IMAGE. Checks what its users call, by values that the
protocol determines."""
import sys

import numpy as np
from tritonclient.utils import InferenceServerException

protocol, address, image = sys.argv[1:]
if protocol == "http":
    import tritonclient.http as triton
else:
    import tritonclient.grpc as triton
MODEL = "shade"
client = triton.InferenceServerClient(address)
assert client.is_server_live() and client.is_server_ready()
assert client.is_model_ready(MODEL) and not client.is_model_ready("none")

metadata = client.get_model_metadata(MODEL)
if protocol == "http":
    name, dimensions = metadata["inputs"][0]["name"], metadata["inputs"][0]["shape"]
    output = metadata["outputs"][0]["name"]
else:
    name, dimensions, output = metadata.inputs[0].name, list(metadata.inputs[0].shape), metadata.outputs[0].name
shape = [2] + [int(d) for d in dimensions[1:]]
values = np.random.default_rng(0).random(shape).astype(np.float32)


def tensor(values, datatype, **options):
    result = triton.InferInput(name, list(values.shape), datatype)
    result.set_data_from_numpy(values, **options)
    return result


answer = client.infer(MODEL, [tensor(values, "FP32")], request_id="7", priority=1, timeout=60_000_000)
probabilities = answer.as_numpy(output)
assert probabilities.shape[0] == 2 and np.allclose(probabilities.sum(axis=1), 1, atol=1e-4)
half = client.infer(MODEL, [tensor(values.astype(np.float16), "FP16")]).as_numpy(output)
assert np.allclose(half, probabilities, atol=0.02)
if protocol == "http":
    text = client.infer(
        MODEL,
        [tensor(values, "FP32", binary_data=False)],
        outputs=[triton.InferRequestedOutput(output, binary_data=False)],
        response_compression_algorithm="gzip",
    )
    assert np.allclose(text.as_numpy(output), probabilities, atol=1e-6)
    zipped = client.infer(MODEL, [tensor(values, "FP32")], request_compression_algorithm="gzip")
    assert np.allclose(zipped.as_numpy(output), probabilities, atol=1e-6)
else:
    answers = []
    client.start_stream(lambda result, error: answers.append((result, error)))
    for i in range(5):
        client.async_stream_infer(MODEL, [tensor(values, "FP32")], request_id=str(i))
    client.stop_stream()
    assert [r.get_response().id for r, e in answers] == ["0", "1", "2", "3", "4"]
    assert all(np.allclose(r.as_numpy(output), probabilities, atol=1e-6) for r, e in answers)

with open(image, "rb") as file:
    encoded = np.array([[file.read()]], dtype=object)
best = client.infer(
    MODEL, [tensor(encoded, "BYTES")], outputs=[triton.InferRequestedOutput(output, class_count=1)]
).as_numpy(output)
value, index, label = best.reshape(-1)[0].decode().split(":")
assert float(value) >= 0.5 and label in ("dark", "light"), best

assert client.get_inference_statistics(MODEL) and client.get_model_config(MODEL)
client.unload_model(MODEL)
assert not client.is_model_ready(MODEL)
client.load_model(MODEL)
assert client.is_model_ready(MODEL)

bad = {
    "a model that is not there": (lambda: client.infer("none", [tensor(values, "FP32")]), ("404", "NOT_FOUND")),
    "a shape that does not fit": (
        lambda: client.infer(MODEL, [tensor(values[:, :2], "FP32")]),
        ("400", "INVALID_ARGUMENT"),
    ),
}
for what, (call, codes) in bad.items():
    try:
        call()
    except InferenceServerException as error:
        assert any(code in str(error.status()) for code in codes), (what, error.status())
    else:
        raise AssertionError(f"{what} is no error")
print("all as expected")
