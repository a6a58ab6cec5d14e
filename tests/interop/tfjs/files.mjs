// Models of tfjs as files: tfjs itself saves to browsers' storage and to servers alone.
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';

export const ready = () => tf.setBackend('cpu').then(() => tf.ready());

/** Saves a model as model.json and shards of so many bytes. */
export async function save(model, folder, shardBytes = 4 << 20) {
  await model.save(tf.io.withSaveHandler(async (artifacts) => {
    fs.mkdirSync(folder, { recursive: true });
    const bytes = Buffer.from(artifacts.weightData);
    const count = Math.max(1, Math.ceil(bytes.length / shardBytes));
    const paths = [];
    for (let i = 0; i < count; i++) {
      paths.push(`group1-shard${i + 1}of${count}.bin`);
      fs.writeFileSync(path.join(folder, paths[i]), bytes.subarray(i * shardBytes, (i + 1) * shardBytes));
    }
    fs.writeFileSync(path.join(folder, 'model.json'), JSON.stringify({
      modelTopology: artifacts.modelTopology,
      format: artifacts.format,
      generatedBy: artifacts.generatedBy,
      convertedBy: artifacts.convertedBy,
      weightsManifest: [{ paths, weights: artifacts.weightSpecs }],
    }));
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  }));
}

/** What tfjs's loadLayersModel loads of a model.json. */
export function load(file) {
  const json = JSON.parse(fs.readFileSync(file, 'utf8'));
  const specs = json.weightsManifest.flatMap((g) => g.weights);
  const parts = json.weightsManifest.flatMap((g) => g.paths)
    .map((p) => fs.readFileSync(path.join(path.dirname(file), p)));
  const bytes = Buffer.concat(parts);
  return tf.io.fromMemory({
    modelTopology: json.modelTopology,
    weightSpecs: specs,
    weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    format: json.format,
    generatedBy: json.generatedBy,
    convertedBy: json.convertedBy,
  });
}

/** Arrays with their shapes, as the goldens' io.json has them. */
export const dump = (tensors) =>
  tensors.map((t) => ({ shape: t.shape, values: Array.from(t.dataSync(), (v) => Number(v.toPrecision(9))) }));
