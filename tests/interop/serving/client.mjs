// Calls the gRPC service through @grpc/grpc-js, with a client generated from a protocol's file: ours, or KServe's own.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [address, image, predicted, proto] = process.argv.slice(2);
// Packages lie where npm was run.
const require = createRequire(`${process.cwd()}/`);
const grpc = require("@grpc/grpc-js");
const definition = require("@grpc/proto-loader").loadSync(proto, { keepCase: true, longs: Number, defaults: true, oneofs: true });
const { GRPCInferenceService } = grpc.loadPackageDefinition(definition).inference;
const client = new GRPCInferenceService(address, grpc.credentials.createInsecure());
const call = (method, request) =>
  new Promise((resolve, reject) =>
    client[method](request, { deadline: Date.now() + 60_000 }, (error, answer) => (error ? reject(error) : resolve(answer))));

assert((await call("ServerLive", {})).live);
assert((await call("ServerReady", {})).ready);
assert((await call("ModelReady", { name: "shade" })).ready);
assert.equal((await call("ModelReady", { name: "other" })).ready, false);
assert((await call("ServerMetadata", {})).extensions.includes("binary_tensor_data"));
const model = await call("ModelMetadata", { name: "shade" });
assert.equal(model.inputs[0].datatype, "FP32");

const file = readFileSync(image);
const length = Buffer.alloc(4);
length.writeUInt32LE(file.length);
const input = { name: model.inputs[0].name, datatype: "BYTES", shape: [1, 1] };
const answer = await call("ModelInfer", {
  model_name: "shade",
  id: "7",
  inputs: [input],
  raw_input_contents: [Buffer.concat([length, file])],
});
assert.equal(answer.id, "7");
for (const { index, probability } of JSON.parse(readFileSync(predicted, "utf8"))[0].predictions) {
  assert(Math.abs(answer.raw_output_contents[0].readFloatLE(4 * index) - probability) < 1e-6);
}

const size = model.inputs[0].shape.slice(1).reduce((product, dimension) => product * dimension, 1);
const tensor = { name: input.name, datatype: "FP32", shape: [2, ...model.inputs[0].shape.slice(1)] };
const zeros = await call("ModelInfer", {
  model_name: "shade",
  inputs: [{ ...tensor, contents: { fp32_contents: new Array(2 * size).fill(0) } }],
  parameters: { binary_data_output: { bool_param: false } },
});
assert.deepEqual(zeros.outputs[0].shape, [2, 2]);
assert.equal(zeros.outputs[0].contents.fp32_contents.length, 4);

await assert.rejects(call("ModelInfer", { model_name: "other" }), { code: grpc.status.NOT_FOUND });
await assert.rejects(call("ModelInfer", { model_name: "shade", inputs: [tensor] }), { code: grpc.status.INVALID_ARGUMENT });
client.close();
