// What the network says, and the facts about it.
import { byId, element, grouped, percent } from "./dom.js";

/**
 * Shows the most probable classes.
 * @param {{label: string, index: number, value: number}[]} classes
 * @param {boolean} areProbabilities false for outputs that do not sum to 1
 * @param {((index: number) => void)|null} onChoose called with a class to explain
 */
export function showClasses(classes, areProbabilities, onChoose) {
  byId("empty").hidden = classes.length > 0;
  byId("bars-note").hidden = classes.length === 0 || onChoose === null;
  byId("bars").replaceChildren(
    ...classes.map((c, i) => {
      const fill = element("span", { className: "fill" });
      fill.style.width = areProbabilities ? `${100 * c.value}%` : "0";
      const bar = element(
        onChoose ? "button" : "div",
        { className: "bar" },
        element("span", { className: "label", dir: "auto" }, c.label),
        element("span", { className: "value" }, areProbabilities ? percent(c.value) : c.value.toPrecision(4)),
        element("span", { className: "track", "aria-hidden": "true" }, fill),
      );
      bar.dataset.value = String(c.value);
      if (onChoose) {
        bar.type = "button";
        bar.dataset.index = String(c.index);
        bar.setAttribute("aria-pressed", String(i === 0));
        bar.addEventListener("click", () => onChoose(c.index));
      }
      return element("li", {}, bar);
    }),
  );
}

/** @param {number} index the class that is explained */
export function markClass(index) {
  for (const bar of byId("bars").querySelectorAll("button")) {
    bar.setAttribute("aria-pressed", String(bar.dataset.index === String(index)));
  }
}

/** @param {[string, number][]} times names and milliseconds */
export function showTimes(times) {
  byId("timing").replaceChildren(
    ...times.map(([name, ms]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`)),
    ),
  );
}

/** @param {{layer: string, note: string, maps: string[]}[]} layers */
export function showLayers(layers) {
  byId("layers").hidden = layers.length === 0;
  byId("layers-summary").textContent = `Outputs of ${layers.length} layers`;
  byId("layers-list").replaceChildren(
    ...layers.map(layer =>
      element(
        "div",
        { className: "layer" },
        element("h3", {}, layer.layer),
        element("p", { className: "note" }, layer.note),
        element("div", { className: "maps", role: "img", "aria-label": `Output of ${layer.layer} in gray` },
          ...layer.maps.map(png => element("img", { src: dataUrl(png), alt: "" }))),
      ),
    ),
  );
}

/**
 * @param {{searched: number, layer: string, neighbors: {class: string, distance: number, png: string}[]}} view
 * @param {string} predicted
 */
export function showNeighbors(view, predicted) {
  byId("neighbors-note").textContent =
    `By the outputs of ${view.layer}, of ${grouped(view.searched)} images, the nearest first. ` +
    "Those of the predicted class have a blue frame.";
  byId("neighbors-list").replaceChildren(
    ...view.neighbors.map(n =>
      element(
        "li",
        { className: n.class === predicted ? "same" : "" },
        element("img", { src: dataUrl(n.png), alt: `Training image of ${n.class}` }),
        element("span", { dir: "auto" }, n.class),
        element("span", { className: "note" }, `distance ${n.distance.toPrecision(3)}`),
      ),
    ),
  );
}

/** @param {any} model */
export function showCard(model) {
  const card = model.card ?? {};
  const data = card.data && (card.trainImages ? `${card.data}, ${grouped(card.trainImages)} images` : card.data);
  const accuracy = card.top1 != null &&
    `${percent(card.top1)}` +
    (card.top5 != null && model.classes > 5 ? `, ${percent(card.top5)} among the first five` : "") +
    (card.testImages ? `, of ${grouped(card.testImages)} test images` : "") +
    (card.precision === "int8" ? "; measured before quantization" : "");
  const license = [card.license, card.startLicense && `trained from weights under ${card.startLicense}`].filter(Boolean);
  const facts = [
    ["Network", card.model],
    ["Parameters", card.parameters && grouped(card.parameters)],
    ["Numbers", card.precision],
    ["Input", model.inputShape.join(" × ")],
    ["Trained on", data],
    ["Accuracy", accuracy],
    ["Trained", card.created && card.created.slice(0, 10)],
    ["License", license.join("; ") || "not stated"],
  ];
  byId("about").hidden = false;
  byId("description").hidden = !card.description;
  byId("description").textContent = card.description ?? "";
  byId("facts").replaceChildren(
    ...facts.filter(([, value]) => value).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );
  byId("classes").hidden = model.labels.length === 0;
  byId("classes").querySelector("summary").textContent = `${grouped(model.classes)} classes`;
  byId("classes").querySelector("ul").replaceChildren(...model.labels.map(name => element("li", {}, element("bdi", {}, name))));
}

/** @param {string} png in Base64 */
export const dataUrl = png => `data:image/png;base64,${png}`;
