// Makes tests/Lamina.Formats.Tests/Goldens/tfjs: models of tfjs-layers with random weights, inputs and outputs.
//   npm install && node make_goldens.mjs
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { dump, ready, save } from './files.mjs';

await ready();
const here = path.dirname(fileURLToPath(import.meta.url));
const goldens = path.join(here, '../../Lamina.Formats.Tests/Goldens/tfjs');

// A generator of our own, so that the goldens can be made again.
let state = 12345;
const next = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const random = (shape, low, high) =>
  tf.tensor(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => low + (high - low) * next()), shape);

const { layers: L } = tfl;
const image = (name) => tfl.input({ shape: [9, 8, 3], name });

const models = {
  cnn() {
    const x = image('image');
    let y = L.conv2d({ filters: 4, kernelSize: [3, 2], strides: [2, 1], padding: 'same', activation: 'relu' }).apply(x);
    y = L.batchNormalization({ epsilon: 0.002 }).apply(y);
    y = L.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(y);
    y = L.zeroPadding2d({ padding: [[1, 0], [2, 1]] }).apply(y);
    y = L.conv2d({ filters: 3, kernelSize: 2, dilationRate: 2, useBias: false }).apply(y);
    y = L.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }).apply(y);
    y = L.leakyReLU({ alpha: 0.1 }).apply(y);
    y = L.flatten().apply(y);
    y = L.dropout({ rate: 0.25 }).apply(y);
    y = L.dense({ units: 7, activation: 'tanh' }).apply(y);
    y = L.dense({ units: 5, activation: 'softmax' }).apply(y);
    return tfl.model({ inputs: x, outputs: y, name: 'cnn' });
  },
  sequential() {
    const model = tfl.sequential({ name: 'plain' });
    model.add(L.conv2d({ inputShape: [9, 8, 3], filters: 2, kernelSize: 3, activation: 'elu', kernelInitializer: 'heNormal' }));
    model.add(L.reLU({ maxValue: 6 }));
    model.add(L.globalAveragePooling2d({}));
    model.add(L.reshape({ targetShape: [2, 1] }));
    model.add(L.flatten());
    model.add(L.dense({ units: 4, activation: 'sigmoid' }));
    model.add(L.softmax());
    return model;
  },
  // Two inputs, two outputs; a layer shared, a model nested and applied twice, a sequential nested; merges.
  graph() {
    const inner = tfl.input({ shape: [9, 8, 4], name: 'inner' });
    const tower = tfl.model({
      inputs: inner,
      outputs: L.batchNormalization({ scale: false, name: 'tower_norm' }).apply(
        L.conv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'tower_conv' }).apply(inner)),
      name: 'tower',
    });
    const head = tfl.sequential({ name: 'head' });
    head.add(L.globalAveragePooling2d({ inputShape: [9, 8, 12], name: 'head_pool' }));
    head.add(L.dense({ units: 3, name: 'head_dense' }));
    const a = image('a');
    const b = image('b');
    const shared = L.conv2d({ filters: 4, kernelSize: 1, activation: 'softplus', name: 'shared' });
    const [sa, sb] = [shared.apply(a), shared.apply(b)];
    const [ta, tb] = [tower.apply(sa), tower.apply(sb)];
    const sum = L.add({ name: 'sum' }).apply([ta, tb]);
    const product = L.multiply({ name: 'product' }).apply([sa, tb]);
    const all = L.concatenate({ name: 'all' }).apply([sum, product, sb]);
    const logits = head.apply(all);
    const act = L.activation({ activation: 'hardSigmoid', name: 'act' }).apply(logits);
    return tfl.model({ inputs: [a, b], outputs: [act, logits], name: 'graph' });
  },
  // The further layers that tfjs and Lamina both have. tfjs does not write a separable convolution's depthMultiplier.
  further() {
    const x = image('image');
    const d = L.depthwiseConv2d({ kernelSize: [3, 2], strides: 2, padding: 'same', depthMultiplier: 2, activation: 'relu' }).apply(x);
    const s = L.separableConv2d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(x);
    const t = L.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same', activation: 'elu' }).apply(d);
    const n = L.layerNormalization({ epsilon: 0.01 }).apply(L.alphaDropout({ rate: 0.1 }).apply(L.reshape({ targetShape: [72, 4] }).apply(s)));
    const c = L.conv1d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'tanh' }).apply(n);
    const p = L.prelu({ alphaInitializer: 'glorotUniform' }).apply(c);
    const e = L.elu({}).apply(c);
    const merged = [L.average(), L.maximum(), L.minimum()].map((m) => m.apply([p, e, c]));
    const dot = L.dot({ axes: [1, 1] }).apply([merged[0], merged[1]]);
    const pooled = L.globalMaxPooling2d({}).apply(L.cropping2D({ cropping: [[1, 0], [2, 1]] }).apply(L.upSampling2d({ size: [2, 3] }).apply(t)));
    const repeated = L.repeatVector({ n: 3 }).apply(L.gaussianNoise({ stddev: 0.1 }).apply(L.gaussianDropout({ rate: 0.2 }).apply(pooled)));
    return tfl.model({ inputs: x, outputs: [t, dot, repeated, merged[2], L.permute({ dims: [2, 1] }).apply(repeated)], name: 'further' });
  },
};

for (const [name, make] of Object.entries(models)) {
  const model = make();
  const weights = model.weights.map((w) =>
    /variance/.test(w.originalName) ? random(w.shape, 0.5, 1.5) : random(w.shape, -0.6, 0.6));
  model.setWeights(weights);
  const inputs = model.inputs.map((i) => random([2, ...i.shape.slice(1)], -1, 1));
  const outputs = [model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat();
  const folder = path.join(goldens, name);
  await save(model, folder, name === 'graph' ? 333 : undefined);
  fs.writeFileSync(path.join(folder, 'io.json'), JSON.stringify({ inputs: dump(inputs), outputs: dump(outputs) }));
  console.log(name, model.countParams());
}
