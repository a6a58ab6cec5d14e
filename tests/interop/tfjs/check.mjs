// Loads a model.json in tfjs-layers, and compares its outputs with those of an io.json:
//   node check.mjs FOLDER...     (folders with model.json and io.json)
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { load, ready } from './files.mjs';

await ready();
let failed = 0;
for (const folder of process.argv.slice(2)) {
  const io = JSON.parse(fs.readFileSync(path.join(folder, 'io.json'), 'utf8'));
  const model = await tfl.loadLayersModel(load(path.join(folder, 'model.json')));
  const inputs = io.inputs.map((i) => tf.tensor(i.values, i.shape));
  const outputs = [model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat();
  let worst = 0;
  outputs.forEach((output, i) => {
    const got = output.dataSync();
    const expected = io.outputs[i].values;
    if (JSON.stringify(output.shape) !== JSON.stringify(io.outputs[i].shape)) {
      worst = Infinity;
    }
    const scale = Math.max(1e-6, ...expected.map(Math.abs));
    expected.forEach((v, k) => {
      worst = Math.max(worst, Math.abs(v - got[k]) / scale);
    });
  });
  const ok = worst <= 1e-5;
  failed += ok ? 0 : 1;
  console.log(`${ok ? 'ok' : 'FAILED'} ${path.basename(folder)}: tfjs differs by ${worst.toExponential(1)}`);
}
process.exit(failed ? 1 : 0);
