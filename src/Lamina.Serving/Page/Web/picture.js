// The chosen image, with the network's view over it.
import { byId } from "./dom.js";

const mostSide = 640;

/** The colors from the least to the most important region. */
const ramp = [[20, 30, 120], [30, 130, 200], [250, 220, 60], [240, 60, 30]];

let image = null;
let heat = null;

/**
 * Shows an image, or clears the picture if the browser cannot show it.
 * @param {Blob|null} file
 */
export async function show(file) {
  heat = null;
  image?.close();
  try {
    image = file && (await createImageBitmap(file));
  } catch {
    // The network may know formats that the browser does not.
    image = null;
  }
  byId("picture").hidden = image === null;
  if (image) {
    const scale = Math.min(1, mostSide / Math.max(image.width, image.height));
    byId("picture").width = Math.max(1, Math.round(image.width * scale));
    byId("picture").height = Math.max(1, Math.round(image.height * scale));
  }
  draw(0);
}

/**
 * Shows what the network sees, its input and the heat over it.
 * @param {ImageBitmap} input
 * @param {ImageBitmap} map gray, white for the most important
 */
export function setHeat(input, map) {
  const canvas = byId("picture");
  // Small inputs are drawn larger, at whole pixels.
  const scale = Math.max(1, Math.round(320 / Math.max(input.width, input.height)));
  image?.close();
  image = input;
  canvas.hidden = false;
  [canvas.width, canvas.height] = [input.width * scale, input.height * scale];
  heat = colored(map, canvas.width, canvas.height);
}

/** @param {number} strength the opacity of the heat, 0 to 1 */
export function draw(strength) {
  const canvas = byId("picture");
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (image) {
    context.imageSmoothingEnabled = heat === null;
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
  }
  if (heat && strength > 0) {
    context.globalAlpha = strength;
    context.drawImage(heat, 0, 0);
    context.globalAlpha = 1;
  }
}

function colored(map, width, height) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(map, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height);
  for (let i = 0; i < pixels.data.length; i += 4) {
    const at = (pixels.data[i] / 255) * (ramp.length - 1);
    const low = ramp[Math.floor(at)];
    const high = ramp[Math.ceil(at)];
    for (let c = 0; c < 3; c++) {
      pixels.data[i + c] = low[c] + (high[c] - low[c]) * (at % 1);
    }
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}
