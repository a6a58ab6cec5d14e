// From an image file to the network's input, with the arithmetic of Lamina's preprocessing: alpha is dropped, color profiles
// are not applied, shrinking is antialiased.
import { PageError } from "./dom.js";

/**
 * @param {Blob} file
 * @param {any} p the preprocessing, as Lamina saves it
 * @returns {Promise<Float32Array>} (height, width, channels)
 */
export async function prepare(file, p) {
  const image = await decode(file);
  const [, window] = frame(image, p);
  const channels = split(image, p.channels);
  const down = filter(p.interpolation, image.height, window.top, window.height, p.height);
  const across = filter(p.interpolation, image.width, window.left, window.width, p.width);
  const overshoots = p.interpolation === "Bicubic" || p.interpolation === "Lanczos";
  const output = new Float32Array(p.height * p.width * p.channels);
  channels.forEach((plane, c) => {
    const resized = resize(plane, image.width, down, across, p);
    const target = p.channelOrder === "Bgr" ? p.channels - 1 - c : c;
    const of = values => values[values.length === 1 ? 0 : target];
    for (let i = 0; i < resized.length; i++) {
      const value = overshoots ? Math.min(Math.max(resized[i], 0), 255) : resized[i];
      output[i * p.channels + target] = (value * p.scale - of(p.mean)) / of(p.std);
    }
  });
  if (p.meanImage) {
    subtractMean(output, image, window, p);
  }
  return output;
}

/** The pixels of an image, upright, without their alpha: a canvas would multiply colors by it. */
async function decode(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { premultiplyAlpha: "none", colorSpaceConversion: "none" });
  } catch {
    throw new PageError("This file cannot be read as an image. Choose a JPEG, PNG or WebP image.");
  }
  const { width, height } = bitmap;
  const data = readByWebGl(bitmap) ?? readByCanvas(bitmap);
  bitmap.close();
  return { width, height, data };
}

function readByWebGl(bitmap) {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl");
  if (!gl || Math.max(bitmap.width, bitmap.height) > gl.getParameter(gl.MAX_TEXTURE_SIZE)) {
    return null;
  }
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, gl.getParameter(gl.TEXTURE_BINDING_2D), 0);
  const data = new Uint8Array(bitmap.width * bitmap.height * 4);
  gl.readPixels(0, 0, bitmap.width, bitmap.height, gl.RGBA, gl.UNSIGNED_BYTE, data);
  const failed = gl.getError() !== gl.NO_ERROR;
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return failed ? null : data;
}

function readByCanvas(bitmap) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
}

function split({ data }, channels) {
  const count = data.length / 4;
  if (channels === 1) {
    const gray = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      // ITU-R 601, in the integers of Pillow.
      gray[i] = (data[4 * i] * 19595 + data[4 * i + 1] * 38470 + data[4 * i + 2] * 7471 + 0x8000) >> 16;
    }
    return [gray];
  }
  return [0, 1, 2].map(c => Uint8Array.from({ length: count }, (_, i) => data[4 * i + c]));
}

/** The resized image, and the part of the original that becomes the input. */
function frame(image, p) {
  let resized;
  if (p.resize === "CenterCrop") {
    const side = p.shortSide;
    const ratio = side
      ? side / Math.min(image.height, image.width)
      : Math.max(p.height / image.height, p.width / image.width);
    resized = {
      height: Math.max(Math.trunc(image.height * ratio + 1e-6), side ?? p.height),
      width: Math.max(Math.trunc(image.width * ratio + 1e-6), side ?? p.width),
    };
  } else {
    resized = meanSize(p);
  }
  const at = { top: middle(resized.height - p.height), left: middle(resized.width - p.width) };
  return [resized, part(image, resized, at, p)];
}

const meanSize = p =>
  p.shortSide && p.resize !== "Stretch" ? { height: p.shortSide, width: p.shortSide } : { height: p.height, width: p.width };

const part = (image, resized, at, size) => ({
  top: (at.top * image.height) / resized.height,
  left: (at.left * image.width) / resized.width,
  height: (size.height * image.height) / resized.height,
  width: (size.width * image.width) / resized.width,
});

// Half, and to even: as torchvision rounds.
const middle = difference => {
  const half = difference / 2;
  const floor = Math.floor(half);
  return half - floor < 0.5 ? floor : floor + (floor % 2);
};

/** For each output along an axis: the first input, and the weights, which sum to 1. */
function filter(interpolation, input, start, extent, output) {
  const scale = extent / output;
  const sinc = x => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
  const triangle = x => Math.max(1 - Math.abs(x), 0);
  const [support, weight, widens] = {
    BilinearPoint: [1, triangle, false],
    Bicubic: [2, cubic, true],
    Lanczos: [3, x => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0), true],
    Box: [0.5, x => (x > -0.5 && x <= 0.5 ? 1 : 0), true],
  }[interpolation] ?? [1, triangle, true];
  const stretch = widens ? Math.max(scale, 1) : 1;
  return Array.from({ length: output }, (_, o) => {
    const center = start + (o + 0.5) * scale;
    const nearest = Math.min(Math.trunc(center), input - 1);
    if (interpolation === "Nearest") {
      return { first: nearest, weights: [1] };
    }
    const first = Math.max(Math.trunc(center - support * stretch + 0.5), 0);
    const end = Math.min(Math.trunc(center + support * stretch + 0.5), input);
    const weights = Array.from({ length: Math.max(end - first, 0) }, (_, i) => weight((first + i + 0.5 - center) / stretch));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: sum === 0 ? [] : weights.map(w => w / sum) };
  });
}

function cubic(x) {
  x = Math.abs(x);
  return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

function resize(plane, width, down, across, p) {
  const output = new Float32Array(p.height * p.width);
  const row = new Float64Array(width);
  down.forEach(({ first, weights }, y) => {
    row.fill(0);
    weights.forEach((w, k) => {
      const from = (first + k) * width;
      for (let x = 0; x < width; x++) {
        row[x] += w * plane[from + x];
      }
    });
    across.forEach((column, x) => {
      let sum = 0;
      column.weights.forEach((w, k) => {
        sum += w * row[column.first + k];
      });
      output[y * p.width + x] = sum;
    });
  });
  return output;
}

function subtractMean(output, image, window, p) {
  const [height, width, channels] = p.meanImage.shape;
  const bytes = Uint8Array.from(atob(p.meanImage.data), c => c.charCodeAt(0));
  const mean = new Float32Array(bytes.buffer);
  const [resized] = frame(image, p);
  const center = p.resize === "CenterCrop" && !p.shortSide ? { height: p.height, width: p.width } : meanSize(p);
  const at = { top: middle(resized.height - center.height), left: middle(resized.width - center.width) };
  const whole = part(image, resized, at, center);
  const nearest = (share, size) => Math.min(Math.max(Math.floor(share * size), 0), size - 1);
  for (let y = 0; y < p.height; y++) {
    const row = nearest((window.top + ((y + 0.5) * window.height) / p.height - whole.top) / whole.height, height);
    for (let x = 0; x < p.width; x++) {
      const column = nearest((window.left + ((x + 0.5) * window.width) / p.width - whole.left) / whole.width, width);
      for (let c = 0; c < channels; c++) {
        output[(y * p.width + x) * channels + c] -=
          mean[(row * width + column) * channels + c] / p.std[p.std.length === 1 ? 0 : c];
      }
    }
  }
}
