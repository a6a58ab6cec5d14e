// Makes tests/Lamina.Torch.Tests/Goldens/tfjs-training.json: steps of a model with two inputs and two outputs, a loss for
// each and regularizers, trained by tfjs-layers, whose optimizers do not apply constraints.
//   npm install && node make_training.mjs
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { ready } from './files.mjs';

await ready();
const here = path.dirname(fileURLToPath(import.meta.url));

// A generator of our own, so that the goldens can be made again.
let state = 4711;
const next = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const random = (shape, low, high) =>
  tf.tensor(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => low + (high - low) * next()), shape);
const tensor = async (t) => ({ shape: t.shape, values: Array.from(await t.data()) });
const tensors = async (list) => Promise.all(list.map(tensor));

const { layers: L, regularizers } = tfl;
const title = tfl.input({ shape: [5], name: 'title' });
const body = tfl.input({ shape: [4], name: 'body' });
const hidden = L.dense({
  units: 6,
  activation: 'tanh',
  kernelRegularizer: regularizers.l2({ l2: 0.05 }),
  biasRegularizer: regularizers.l1({ l1: 0.03 }),
  name: 'hidden',
}).apply(title);
const other = L.dense({
  units: 3,
  activation: 'relu',
  name: 'other',
}).apply(body);
const both = L.concatenate().apply([hidden, other]);
const priority = L.dense({ units: 1, activation: 'sigmoid', name: 'priority' }).apply(both);
const department = L.dense({ units: 3, activation: 'softmax', name: 'department' }).apply(both);
const model = tfl.model({ inputs: [title, body], outputs: [priority, department] });

// All cases start from these weights.
const start = model.getWeights().map((w) => random(w.shape, -0.7, 0.7));
const x = [random([8, 5], -1, 1), random([8, 4], -1, 1)];
const binary = tf.tensor([0, 1, 1, 0, 1, 0, 0, 1], [8, 1]);
const hot = tf.tensor([0, 2, 1, 1, 0, 2, 2, 0].map((k) => [0, 1, 2].map((c) => (c === k ? 1 : 0))));

const result = { start: await tensors(start), x: await tensors(x), y: await tensors([binary, hot]), cases: {} };
const cases = {
  sgd: () => tf.train.sgd(0.2),
  momentum: () => tf.train.momentum(0.1, 0.9),
  adam: () => tf.train.adam(0.02, 0.9, 0.999, 1e-7),
  rmsprop: () => tf.train.rmsprop(0.02, 0.9, 0, 1e-7),
  adagrad: () => tf.train.adagrad(0.1, 0.1),
  adamax: () => tf.train.adamax(0.02, 0.9, 0.999, 1e-7),
};
for (const [name, make] of Object.entries(cases)) {
  model.setWeights(start);
  model.compile({
    optimizer: make(),
    loss: { priority: 'binaryCrossentropy', department: 'categoricalCrossentropy' },
    metrics: { department: 'accuracy' },
  });
  const losses = [];
  for (let step = 0; step < 5; step++) {
    losses.push(await model.trainOnBatch(x, [binary, hot]));
  }
  result.cases[name] = { losses, weights: await tensors(model.getWeights()) };
}
const target = path.join(here, '../../Lamina.Torch.Tests/Goldens/tfjs-training.json');
fs.writeFileSync(target, JSON.stringify(result).replaceAll('},{', '},\n{') + '\n');
