// Weights and biases to be set by hand.

import { el } from "./elements.js";
import { floats } from "./frame.js";
import { countOf, nodeName, placeOf } from "./names.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Question} Question */
/** @typedef {{layer: number, from: number | null, to: number, name: string}} Place */

const SHOWN = 16;
const WIDEST = 5; // of a slider

/**
 * Fields for the weight that is asked for, or for all that come into a node.
 * @param {App} app
 * @param {Question} question
 * @returns {{element: HTMLElement, update: () => void} | null}
 */
export function weightFields(app, question) {
  const { made } = app;
  if (!made || question.what === "output") return null;
  /** @type {Place[]} */
  const places = [];
  if (question.what === "weight") {
    places.push({ ...question, name: t(question.from === null ? "bias" : "weight") });
  } else {
    const { layer, node: to } = question;
    for (let from = 0; from < Math.min(countOf(made, layer - 1), SHOWN); from += 1) {
      places.push({ layer, from, to, name: nodeName(made, layer - 1, from) });
    }
    places.push({ layer, from: null, to, name: t("bias") });
  }
  const rows = places.map((place) => field(app, place, question.what === "weight"));
  const element = el(
    "div",
    { class: "weights" },
    question.what === "node" ? el("h3", {}, t("incoming")) : null,
    ...rows.map((row) => row.element),
  );
  return { element, update: () => rows.forEach((row) => row.update()) };
}

/**
 * @param {App} app
 * @param {Place} place
 * @param {boolean} isAsked  whether it is this weight that the window is about
 */
function field(app, { layer, from, to, name }, isAsked) {
  const id = `weight-${layer}-${from ?? "bias"}-${to}`;
  /** @param {string} text */
  const set = (text) => {
    if (text !== "" && Number.isFinite(Number(text))) app.setWeight(layer, from, to, Number(text));
  };
  const range = el("input", {
    type: "range",
    min: -WIDEST,
    max: WIDEST,
    step: 0.05,
    "aria-label": name,
    name: `${id}-slider`,
    input: () => set(range.value),
  });
  const number = el("input", {
    type: "number",
    step: "any",
    "aria-label": name,
    name: id,
    change: () => set(number.value),
  });
  function update() {
    const { made, frame } = app;
    const vector = frame && floats(frame, "vector");
    if (!vector || !made) return;
    const value = vector[placeOf(made, layer, from, to)];
    if (document.activeElement !== range) range.value = String(value);
    if (document.activeElement !== number) number.value = value.toFixed(3);
  }
  const chain = el(
    "button",
    {
      type: "button",
      class: "bare small",
      title: t("weight.why"),
      "aria-label": `${t("weight.why")}: ${name}`,
      disabled: isAsked,
      click: (event) =>
        app.tell("question", {
          question: { what: "weight", layer, from, to },
          anchor: event.currentTarget,
          pinned: true,
        }),
    },
    name,
  );
  return { element: el("div", { class: "weight" }, chain, range, number), update };
}
