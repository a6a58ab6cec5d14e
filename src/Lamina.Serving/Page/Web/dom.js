// Small helpers around the document.

/** @param {string} id @returns {any} */
export const byId = id => document.getElementById(id);

/**
 * Creates an element. Texts stay texts: no name of a class or file can become markup.
 * @param {string} tag
 * @param {Record<string, any>} properties properties of the element; "data-" and "aria-" names are attributes
 * @param {...(Node|string)} children
 */
export function element(tag, properties = {}, ...children) {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) {
      created.setAttribute(name, value);
    } else {
      created[name] = value;
    }
  }
  created.append(...children);
  return created;
}

/** @param {number} share */
export const percent = share => `${(100 * share).toFixed(1)} %`;

/** @param {number} count */
export const grouped = count => count.toLocaleString("en-US");

/** An error in plain words; `detail` is the server's own text. */
export class PageError extends Error {
  /** @param {string} message @param {string} [detail] */
  constructor(message, detail) {
    super(message);
    this.detail = detail;
  }
}
