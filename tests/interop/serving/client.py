"""Calls the gRPC service through Debian's python3-grpcio."""
import json
import struct
import sys

import grpc
import inference_pb2 as pb

address, image, predicted = sys.argv[1:]
channel = grpc.insecure_channel(address)


def call(method, request, response):
    stub = channel.unary_unary(
        f"/inference.GRPCInferenceService/{method}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=response.FromString,
    )
    return stub(request, timeout=60)


assert call("ServerLive", pb.ServerLiveRequest(), pb.ServerLiveResponse).live
assert call("ServerReady", pb.ServerReadyRequest(), pb.ServerReadyResponse).ready
assert call("ModelReady", pb.ModelReadyRequest(name="shade"), pb.ModelReadyResponse).ready
assert "statistics" in call("ServerMetadata", pb.ServerMetadataRequest(), pb.ServerMetadataResponse).extensions
model = call("ModelMetadata", pb.ModelMetadataRequest(name="shade"), pb.ModelMetadataResponse)

request = pb.ModelInferRequest(model_name="shade", id="7")
tensor = request.inputs.add(name=model.inputs[0].name, datatype="BYTES", shape=[1, 1])
data = open(image, "rb").read()
request.raw_input_contents.append(struct.pack("<I", len(data)) + data)
response = call("ModelInfer", request, pb.ModelInferResponse)
assert response.id == "7"
values = struct.unpack("<2f", response.raw_output_contents[0])
for p in json.load(open(predicted))[0]["predictions"]:
    assert abs(values[p["index"]] - p["probability"]) < 1e-6, values

size = 1
for dimension in model.inputs[0].shape[1:]:
    size *= dimension
request = pb.ModelInferRequest(model_name="shade")
tensor = request.inputs.add(name=model.inputs[0].name, datatype="FP32", shape=[2, *model.inputs[0].shape[1:]])
tensor.contents.fp32_contents.extend([0.0] * (2 * size))
assert list(call("ModelInfer", request, pb.ModelInferResponse).outputs[0].shape) == [2, 2]

statistics = call("ModelStatistics", pb.ModelStatisticsRequest(name="shade"), pb.ModelStatisticsResponse)
assert statistics.model_stats[0].inference_count >= 3
index = call("RepositoryIndex", pb.RepositoryIndexRequest(), pb.RepositoryIndexResponse)
assert index.models[0].state == "READY"
call("RepositoryModelLoad", pb.RepositoryModelLoadRequest(model_name="shade"), pb.RepositoryModelLoadResponse)
try:
    call("ModelInfer", pb.ModelInferRequest(model_name="other"), pb.ModelInferResponse)
    raise AssertionError("a model that is not there was served")
except grpc.RpcError as error:
    assert error.code() == grpc.StatusCode.NOT_FOUND, error
