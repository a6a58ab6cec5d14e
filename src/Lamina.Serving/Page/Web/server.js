// The backend of the page that a server shows: the Open Inference Protocol, and the page's own addresses.
import { load, start } from "./app.js";
import { byId, PageError } from "./dom.js";
import { snippets } from "./snippets.js";

const keyName = "lamina-api-key";
const best = 5;
let limit = Infinity;
let needsKey = false;

const timeNames = { prepare: "Decoding", queue: "Queue", compute: "Network" };

async function request(address, options = {}) {
  const headers = new Headers(options.headers);
  const key = sessionStorage.getItem(keyName);
  if (key) {
    if (key.split(".").length === 3) {
      // A JSON Web Token.
      headers.set("Authorization", `Bearer ${key}`);
    } else {
      headers.set("X-API-Key", key);
    }
  }
  let response;
  try {
    response = await fetch(address, { ...options, headers });
  } catch {
    throw new PageError("The server does not answer. It may be shutting down, or the connection is lost.");
  }
  if (!response.ok) {
    throw await errorOf(response);
  }
  return response;
}

async function errorOf(response) {
  let detail;
  try {
    detail = (await response.json()).error;
  } catch {
    detail = `status ${response.status}`;
  }
  switch (response.status) {
    case 400:
      return new PageError("This file cannot be used. Choose a JPEG, PNG or WebP image.", detail);
    case 401:
      askForKey();
      return new PageError("The server asks for an API key, or does not know the one you gave.");
    case 404:
      return new PageError("The server no longer has this model. Reload the page.", detail);
    case 413:
      return new PageError("This image is too large for the server. Choose a smaller one.", detail);
    case 429:
      return new PageError("You sent too many requests. Wait a moment, then try again.", detail);
    case 503:
      return new PageError("The server is busy or shutting down. Wait a moment, then try again.", detail);
    default:
      return new PageError("The server could not compute this.", detail);
  }
}

function askForKey() {
  needsKey = true;
  byId("key-form").hidden = false;
  byId("key").focus();
}

async function models() {
  const list = await (await request("page/models")).json();
  byId("key-form").hidden = true;
  limit = list.maxRequestBytes;
  return list.models;
}

async function predict(model, file) {
  requireSize(file);
  const header = new TextEncoder().encode(
    JSON.stringify({
      inputs: [{ name: model.input, shape: [1, 1], datatype: "BYTES", parameters: { binary_data_size: file.size + 4 } }],
      outputs: [{ name: model.output, parameters: { classification: best } }],
    }),
  );
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, file.size, true);
  const began = performance.now();
  const response = await request(`v2/models/${model.name}/infer`, {
    method: "POST",
    headers: { "Inference-Header-Content-Length": String(header.length) },
    body: new Blob([header, length, file]),
  });
  const answer = await response.json();
  const took = performance.now() - began;
  return {
    classes: answer.outputs[0].data.map(text => classOf(text, model)),
    areProbabilities: model.probabilities,
    times: times(response.headers.get("Server-Timing") ?? "", took),
  };
}

// "value:index:label", where a label may contain colons.
function classOf(text, model) {
  const [value, index, ...label] = text.split(":");
  return { value: Number(value), index: Number(index), label: label.join(":") || `class ${index}` };
}

function times(header, took) {
  const parts = [];
  for (const part of header.split(",")) {
    const [, name, duration] = /^\s*(\w+);dur=([\d.]+)/.exec(part) ?? [];
    if (name in timeNames) {
      parts.push([timeNames[name], Number(duration)]);
    }
  }
  return [["In all", took], ...parts];
}

function requireSize(file) {
  if (file.size === 0) {
    throw new PageError("This file is empty. Choose another one.");
  }
  // The protocol's JSON object comes on top.
  if (file.size + 1024 > limit) {
    throw new PageError(`This file is larger than the ${Math.floor(limit / 2 ** 20)} MiB that the server accepts.`);
  }
}

async function view(model, file, index) {
  const seen = await post(`page/models/${model.name}/view?class=${index}`, file);
  const [input, heat] = await Promise.all([bitmap(seen.input), seen.heat ? bitmap(seen.heat) : null]);
  return { ...seen, input, heat };
}

const neighbors = (model, file) => post(`page/models/${model.name}/neighbors`, file);

const post = async (address, body) => (await request(address, { method: "POST", body })).json();

// Not through an address: the policy of the page allows connections to the server only.
const bitmap = base64 =>
  createImageBitmap(new Blob([Uint8Array.from(atob(base64), c => c.charCodeAt(0))], { type: "image/png" }));

byId("key-form").addEventListener("submit", event => {
  event.preventDefault();
  sessionStorage.setItem(keyName, byId("key").value.trim());
  byId("key").value = "";
  load();
});

start({ models, predict, view, neighbors, snippets: model => snippets(model, new URL(".", document.baseURI).href, needsKey || sessionStorage.getItem(keyName) !== null) });
