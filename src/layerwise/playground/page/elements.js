// Small makers of elements. Text goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Attributes */

/**
 * @template {Element} E
 * @param {E} element
 * @param {Attributes} attributes  functions are listeners, `true` an attribute without value
 * @param {Child[]} children
 * @returns {E}
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, /** @type {EventListener} */ (value));
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, String(value));
    }
  }
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) {
      element.append(typeof child === "number" ? String(child) : child);
    }
  }
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function svg(tag, attributes = {}, ...children) {
  return fill(
    /** @type {SVGElementTagNameMap[T]} */ (document.createElementNS(SVG, tag)),
    attributes,
    children,
  );
}

/**
 * The element of the page's own file with this id.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element "${id}"`);
  return element;
}

/** A column's heading; one without words is no heading. @param {string} words */
export function headCell(words) {
  return words ? el("th", { scope: "col" }, words) : el("td");
}

/**
 * A labelled choice among values.
 * @param {string} label
 * @param {[string, string][]} options  value and words of each
 * @param {string} value
 * @param {(value: string) => void} change
 * @param {Attributes} [attributes]
 */
export function select(label, options, value, change, attributes = {}) {
  const box = el(
    "select",
    { change: (event) => change(event.target.value), ...attributes },
    ...options.map(([key, words]) => el("option", { value: key }, words)),
  );
  box.value = value;
  return el("label", { class: "field" }, el("span", {}, label), box);
}

/**
 * A box to tick, with its words behind it.
 * @param {string | Node} words
 * @param {{name: string, checked: boolean, title?: string, class?: string}} box
 * @param {(checked: boolean) => void} change
 */
export function tick(words, box, change) {
  const attributes = { class: box.class ?? "check", ...(box.title ? { title: box.title } : {}) };
  const { name, checked } = box;
  const input = el("input", {
    type: "checkbox",
    name,
    checked,
    change: (event) => change(event.target.checked),
  });
  return el("label", attributes, input, words);
}

/**
 * A labelled slider, with its value beside the label.
 * @param {string} label
 * @param {{low: number, high: number, step: number, value: number, write?: (value: number) => string}} range
 * @param {(value: number) => void} change
 * @param {Attributes} [attributes]
 */
export function slider(label, range, change, attributes = {}) {
  const write = range.write ?? String;
  const output = el("output", {}, write(range.value));
  const input = el("input", {
    type: "range",
    min: range.low,
    max: range.high,
    step: range.step,
    "aria-label": label, // the label's own element is the value beside it
    "aria-valuetext": write(range.value),
    ...attributes,
    input: (event) => {
      const value = Number(event.target.value);
      output.textContent = write(value);
      input.setAttribute("aria-valuetext", write(value));
      change(value);
    },
  });
  input.value = String(range.value);
  return el("label", { class: "field" }, el("span", {}, label, output), input);
}

/**
 * A labelled number to type.
 * @param {string} label
 * @param {{low?: number, high?: number, step?: number | "any", value: number}} range
 * @param {(value: number) => void} change
 * @param {Attributes} [attributes]
 */
export function numberField(label, range, change, attributes = {}) {
  const input = el("input", {
    type: "number",
    min: range.low,
    max: range.high,
    step: range.step ?? "any",
    ...attributes,
    change: (event) => {
      if (event.target.value !== "" && event.target.checkValidity()) change(Number(event.target.value));
      else event.target.reportValidity();
    },
  });
  input.value = String(range.value);
  return el("label", { class: "field" }, el("span", {}, label), input);
}

/**
 * Replace what an element holds, and keep the focus on the control of the same name.
 * @param {HTMLElement} parent
 * @param {Child[]} children
 */
export function refill(parent, children) {
  const active = document.activeElement;
  const name = active && parent.contains(active) ? active.getAttribute("name") : null;
  parent.replaceChildren();
  fill(parent, {}, children);
  if (name) {
    const again = parent.querySelector(`[name="${CSS.escape(name)}"]`);
    if (again instanceof HTMLElement) again.focus({ preventScroll: true });
  }
}

/**
 * A builder that waits while a slider of the place is held: it must not be replaced under the pointer.
 * @param {HTMLElement} place
 * @param {() => void} build
 */
export function steady(place, build) {
  let held = false;
  let due = false;
  const free = () => {
    held = false;
    if (due) build();
    due = false;
  };
  place.addEventListener("pointerdown", ({ target }) => {
    held = target instanceof HTMLInputElement && target.type === "range";
  });
  addEventListener("pointerup", free);
  addEventListener("pointercancel", free);
  return () => {
    if (held) due = true;
    else build();
  };
}
