// Computes a network in the browser: its graph of ops, by TensorFlow.js (the global tf).

/** Each op by its name: from a node and its inputs to its output. Images are (1, height, width, channels). */
const ops = {
  convolution: convolve,
  linear: (node, [x, kernel, bias]) => {
    const rows = tf.matMul(tf.reshape(x, [-1, kernel.shape[0]]), kernel);
    return tf.reshape(bias ? tf.add(rows, bias) : rows, [...x.shape.slice(0, -1), kernel.shape[1]]);
  },
  max_pool: (node, [x]) => tf.maxPool(pad(x, node.pads, -3.4e38), node.window, node.strides, "valid"),
  // Padding does not count.
  average_pool: (node, [x]) => {
    const mean = image => tf.avgPool(pad(image, node.pads, 0), node.window, node.strides, "valid");
    return node.pads.some(p => p > 0) ? tf.div(mean(x), mean(tf.onesLike(x))) : mean(x);
  },
  adaptive_average_pool: (node, [x]) => {
    const along = (image, axis, count) =>
      tf.concat(
        Array.from({ length: count }, (_, i) => {
          const size = image.shape[axis];
          const start = Math.floor((i * size) / count);
          const length = Math.ceil(((i + 1) * size) / count) - start;
          return tf.mean(slice(image, axis, start, length), axis, true);
        }),
        axis,
      );
    return along(along(x, 1, node.output[0]), 2, node.output[1]);
  },
  batch_normalization: (node, [x, mean, variance, ...rest]) => {
    const gamma = node.hasScale ? rest.shift() : null;
    const scale = tf.rsqrt(tf.add(variance, node.epsilon));
    const scaled = tf.mul(tf.sub(x, mean), gamma ? tf.mul(scale, gamma) : scale);
    return rest.length > 0 ? tf.add(scaled, rest[0]) : scaled;
  },
  local_response_normalization: (node, [x]) => {
    const side = (node.size - 1) / 2;
    const channels = x.shape[3];
    const squares = tf.pad(tf.square(x), [[0, 0], [0, 0], [0, 0], [side, side]]);
    let sum = slice(squares, 3, 0, channels);
    for (let i = 1; i < node.size; i++) {
      sum = tf.add(sum, slice(squares, 3, i, channels));
    }
    return tf.div(x, tf.pow(tf.add(tf.mul(sum, node.alpha), node.k), tf.scalar(node.beta)));
  },
  activation: (node, [x]) => activations[node.kind](x, node.alpha),
  softmax: (node, [x]) => tf.softmax(x),
  log_softmax: (node, [x]) => tf.logSoftmax(x),
  reshape: (node, [x]) => tf.reshape(x, [x.shape[0], ...node.sample]),
  // The batch stays first, and is not counted.
  transpose: (node, [x]) => tf.transpose(x, [0, ...node.permutation]),
  pad: (node, [x]) => pad(x, node.pads, 0),
  concat: (node, inputs) => tf.concat(inputs, node.axis),
  slice: (node, [x]) => slice(x, node.axis, node.start, node.count),
  mean: (node, [x]) => tf.mean(x, node.axes, node.keepdims),
  rescale: (node, [x]) => tf.add(tf.mul(x, tf.tensor1d(node.scale)), tf.tensor1d(node.offset)),
  add: (node, inputs) => inputs.reduce((a, b) => tf.add(a, b)),
  multiply: (node, inputs) => inputs.reduce((a, b) => tf.mul(a, b)),
  // Nothing is dropped after training.
  dropout: (node, [x]) => tf.clone(x),
};

const activations = {
  relu: x => tf.relu(x),
  relu6: x => tf.relu6(x),
  leaky_relu: (x, alpha) => tf.leakyRelu(x, alpha),
  elu: (x, alpha) => tf.where(tf.greater(x, 0), x, tf.mul(tf.sub(tf.exp(tf.minimum(x, 0)), 1), alpha)),
  sigmoid: x => tf.sigmoid(x),
  tanh: x => tf.tanh(x),
  silu: x => tf.mul(x, tf.sigmoid(x)),
  exponential: x => tf.exp(x),
};

const slice = (x, axis, start, count) =>
  tf.slice(x, x.shape.map((_, i) => (i === axis ? start : 0)), x.shape.map((size, i) => (i === axis ? count : size)));

/** @param {number[]} pads top, bottom, left, right */
const pad = (x, [top, bottom, left, right], value) =>
  top + bottom + left + right > 0 ? tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]], value) : x;

function convolve(node, [x, kernel, bias]) {
  const padded = pad(x, node.pads, 0);
  const one = (image, weights) => tf.conv2d(image, weights, node.strides, "valid", "NHWC", node.dilation);
  let output;
  if (node.groups === 1) {
    output = one(padded, kernel);
  } else {
    const images = tf.split(padded, node.groups, 3);
    const kernels = tf.split(kernel, node.groups, 3);
    output = tf.concat(images.map((image, i) => one(image, kernels[i])), 3);
  }
  return bias ? tf.add(output, bias) : output;
}

/** A network in memory. */
export class Network {
  /** @param {any[]} nodes @param {ArrayBuffer} weights float32, little-endian */
  constructor(nodes, weights) {
    this.nodes = nodes;
    this.weights = nodes.map(node =>
      node.op === "parameter"
        ? tf.tensor(new Float32Array(weights, node.offset, node.shape.reduce((a, b) => a * b, 1)), node.shape)
        : null,
    );
    // The last node that reads each node's output, after which it is freed.
    this.lastUse = nodes.map((_, i) => nodes.findLastIndex(other => other.inputs?.includes(i)));
  }

  /** @param {Float32Array} image (height, width, channels) @param {number[]} shape @returns {Promise<Float32Array>} */
  async run(image, shape) {
    const values = [...this.weights];
    for (const [i, node] of this.nodes.entries()) {
      if (node.op === "input") {
        values[i] = tf.tensor(image, [1, ...shape]);
      } else if (node.op !== "parameter") {
        values[i] = tf.tidy(() => ops[node.op](node, node.inputs.map(input => values[input])));
        for (const input of new Set(node.inputs)) {
          if (this.lastUse[input] === i && this.weights[input] === null) {
            values[input].dispose();
          }
        }
      }
    }
    const output = values.at(-1);
    const result = await output.data();
    output.dispose();
    return result;
  }
}
