// The page: what happens when an image comes in. Where the network computes is the business of a backend.
import { byId, element, PageError } from "./dom.js";
import { listen } from "./pick.js";
import * as picture from "./picture.js";
import * as results from "./results.js";

/**
 * @typedef {object} Backend
 * @property {() => Promise<any[]>} models
 * @property {(model: any, file: Blob) => Promise<{classes: any[], areProbabilities: boolean, times: [string, number][]}>} predict
 * @property {(model: any, file: Blob, index: number) => Promise<any>} [view]
 * @property {(model: any, file: Blob) => Promise<any>} [neighbors]
 * @property {(model: any) => [string, string][]} [snippets]
 */

/** @type {Backend} */
let backend;
let models = [];
let model = null;
let file = null;
let predicted = "";

// Counts images and models, so that an answer that comes late changes nothing.
let turn = 0;

/** @param {Backend} chosen */
export async function start(chosen) {
  backend = chosen;
  listen(use, fail);
  byId("strength").addEventListener("input", drawPicture);
  byId("copy").addEventListener("click", copy);
  byId("model").addEventListener("change", () => choose(models[byId("model").selectedIndex]));
  await load();
}

/** Loads the list of models, again while some are not ready. */
export async function load() {
  if (!model) {
    say("Loading the models …");
  }
  try {
    models = await backend.models();
  } catch (error) {
    fail(error);
    return;
  }
  clearError();
  const before = model?.name;
  byId("model").replaceChildren(
    ...models.map(m => element("option", { disabled: !m.ready, selected: m.name === before }, m.ready ? m.name : `${m.name} (${m.state})`)),
  );
  byId("model").disabled = models.length < 2;
  const first = models.find(m => m.name === before && m.ready) ?? models.find(m => m.ready);
  if (first) {
    byId("model").selectedIndex = models.indexOf(first);
    if (first.name !== before || first.version !== model.version) {
      choose(first);
    }
  } else {
    say(models.length === 0 ? "The server has no models." : "The models are not ready yet.");
  }
  if (models.some(m => m.state === "loading")) {
    setTimeout(load, 2000);
  }
}

function choose(chosen) {
  model = chosen;
  document.title = `${model.name} – Lamina`;
  byId("try").hidden = !model.acceptsImages;
  results.showCard(model);
  showSnippets();
  reset();
  if (!model.acceptsImages) {
    say("This model has no preprocessing, so it accepts tensors only. See the code below.");
  } else if (file) {
    use(file);
  } else {
    say("");
  }
}

function reset() {
  turn++;
  clearError();
  results.showClasses([], false, null);
  results.showTimes([]);
  results.showLayers([]);
  byId("neighbors").hidden = true;
  byId("overlay").hidden = true;
  byId("overlay-note").textContent = "";
}

/** @param {Blob} chosen */
async function use(chosen) {
  file = chosen;
  if (!model?.acceptsImages) {
    // A model that is still loading gets the image once it is chosen.
    return;
  }
  reset();
  const now = turn;
  say("Computing …");
  await picture.show(file);
  byId("hint").textContent = "Drop or paste another one, or";
  try {
    const said = await backend.predict(model, file);
    if (now !== turn) {
      return;
    }
    const explain = backend.view && model.view ? index => view(index) : null;
    results.showClasses(said.classes, said.areProbabilities, explain);
    results.showTimes(said.times);
    predicted = said.classes[0]?.label ?? "";
    say(`Done: ${predicted}.`);
    if (explain) {
      await view(said.classes[0].index);
    } else if (model.viewReason) {
      byId("overlay-note").textContent = model.viewReason;
    }
    if (backend.neighbors && model.neighbors && now === turn) {
      await neighbors(now);
    }
  } catch (error) {
    if (now === turn) {
      await refuse(error);
    }
  }
}

// A file that is no image does not stay on the page.
async function refuse(error) {
  fail(error);
  byId("error").append(element("button", { type: "button", onclick: () => use(file) }, "Try again"));
}

async function view(index) {
  const now = turn;
  results.markClass(index);
  byId("overlay-note").textContent = "Looking inside …";
  try {
    const seen = await backend.view(model, file, index);
    if (now !== turn) {
      return;
    }
    results.showLayers(seen.layers);
    if (seen.heat) {
      picture.setHeat(seen.input, seen.heat);
      byId("overlay").hidden = false;
      byId("overlay-note").textContent = `Grad-CAM: red regions speak most for ${seen.explained}. The picture is the network’s input.`;
    } else {
      byId("overlay-note").textContent = "This network has no convolution whose maps could be shown over the image.";
    }
    drawPicture();
  } catch (error) {
    if (now === turn) {
      byId("overlay-note").textContent = `The network’s view cannot be shown: ${error.message}`;
    }
  }
}

async function neighbors(now) {
  byId("neighbors").hidden = false;
  byId("neighbors-list").replaceChildren();
  byId("neighbors-note").textContent = "Searching …";
  try {
    const found = await backend.neighbors(model, file);
    if (now === turn) {
      results.showNeighbors(found, predicted);
    }
  } catch (error) {
    if (now === turn) {
      byId("neighbors-note").textContent = error.detail ?? error.message;
    }
  }
}

function showSnippets() {
  const snippets = backend.snippets?.(model) ?? [];
  byId("code").hidden = snippets.length === 0;
  const chosen = byId("languages").querySelector("input:checked")?.value;
  const legend = byId("languages").querySelector("legend");
  byId("languages").replaceChildren(
    legend,
    ...snippets.map(([name, text], i) => {
      const radio = element("input", { type: "radio", name: "language", value: name });
      radio.addEventListener("change", () => showSnippet(text));
      if (chosen ? name === chosen : i === 0) {
        radio.checked = true;
        showSnippet(text);
      }
      return element("label", {}, radio, name);
    }),
  );
}

function showSnippet(text) {
  byId("snippet").querySelector("code").textContent = text;
  byId("copied").textContent = "";
}

async function copy() {
  try {
    await navigator.clipboard.writeText(byId("snippet").textContent);
    byId("copied").textContent = "Copied.";
  } catch {
    // Outside of secure connections there is no clipboard.
    getSelection().selectAllChildren(byId("snippet"));
    byId("copied").textContent = "Selected; press Ctrl+C.";
  }
}

function drawPicture() {
  picture.draw(byId("strength").value / 100);
}

function say(text) {
  byId("status").textContent = text;
}

function clearError() {
  byId("error").hidden = true;
  byId("error").replaceChildren();
}

/** @param {any} error */
function fail(error) {
  const isPlain = error instanceof PageError;
  say("");
  byId("error").replaceChildren(
    element("p", {}, isPlain ? error.message : "Something on this page went wrong. Reload it."),
    ...(isPlain ? error.detail : error) ? [element("p", { className: "detail" }, String(isPlain ? error.detail : error))] : [],
  );
  byId("error").hidden = false;
}
