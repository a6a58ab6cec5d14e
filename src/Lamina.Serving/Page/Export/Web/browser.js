// The backend of a page that computes by itself: the network is loaded from the files beside the page.
import { start } from "./app.js";
import { byId, PageError } from "./dom.js";
import { Network } from "./network.js";
import { prepare } from "./prepare.js";

const best = 5;
let network = null;
let described = null;

async function models() {
  described ??= await (await load("model/network.json")).json();
  tf.wasm.setWasmPaths({
    "tfjs-backend-wasm-simd.wasm": "page/tfjs-backend-wasm-simd.wasm",
    "tfjs-backend-wasm.wasm": "page/tfjs-backend-wasm-simd.wasm",
    "tfjs-backend-wasm-threaded-simd.wasm": "page/tfjs-backend-wasm-simd.wasm",
  });
  // Threads need headers that plain web servers do not send.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  if (!(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) || !(await tf.setBackend("wasm"))) {
    throw new PageError("This browser has no WebAssembly with SIMD, which the network needs. Use a newer one.");
  }
  if (!network) {
    const weights = new Uint8Array(described.bytes);
    let at = 0;
    for (const file of described.files) {
      byId("status").textContent = `Loading the network: ${megabytes(at)} of ${megabytes(described.bytes)} MB …`;
      const part = new Uint8Array(await (await load(`model/${file}`)).arrayBuffer());
      if (at + part.length > weights.length) {
        throw new PageError("The network's files are damaged. Export the page again.");
      }
      weights.set(part, at);
      at += part.length;
    }
    if (at !== weights.length) {
      throw new PageError("The network's files are damaged. Export the page again.");
    }
    network = new Network(described.nodes, weights.buffer);
  }
  return [{ ...described, ready: true, state: "ready", version: "1", acceptsImages: true }];
}

async function load(address) {
  let response;
  try {
    response = await fetch(address);
  } catch {
    throw new PageError("The network cannot be loaded: the web server does not answer.");
  }
  if (!response.ok) {
    throw new PageError(`The network cannot be loaded: ${address} is missing. Export the page again.`);
  }
  return response;
}

const megabytes = bytes => (bytes / 1e6).toFixed(1);

async function predict(model, file) {
  const began = performance.now();
  const image = await prepare(file, model.preprocessing);
  const prepared = performance.now();
  const outputs = softmaxed(await network.run(image, model.inputShape), model.probabilities);
  const computed = performance.now();
  const order = [...outputs.keys()].sort((a, b) => outputs[b] - outputs[a] || a - b).slice(0, best);
  return {
    classes: order.map(index => ({ index, value: outputs[index], label: model.labels[index] })),
    areProbabilities: true,
    times: [["In all", computed - began], ["Decoding", prepared - began], ["Network", computed - prepared]],
  };
}

function softmaxed(outputs, areProbabilities) {
  if (areProbabilities) {
    return outputs;
  }
  const most = outputs.reduce((a, b) => Math.max(a, b));
  const exponentials = outputs.map(v => Math.exp(v - most));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map(v => v / sum);
}

byId("opened").hidden = true;
start({ models, predict });
