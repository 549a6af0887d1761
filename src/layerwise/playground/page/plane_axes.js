// Which inputs are the plane's axes, and what the others are held at.

import { joinNames } from "./address.js";
import { el, refill, select, slider, steady } from "./elements.js";
import { short } from "./numbers.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Made} Made */

const MOST = 30; // inputs with a slider

/** @param {App} app @param {HTMLElement} place */
export function mountPlaneAxes(app, place) {
  /** @param {string} x @param {string} y */
  function choosePlane(x, y) {
    app.choose({ plane: joinNames([x, y]) }, true);
  }
  /** @param {string} name @param {number} value */
  function hold(name, value) {
    const held = new Map(
      String(app.choice("held"))
        .split(",")
        .filter(Boolean)
        .map((part) => /** @type {[string, string]} */ (part.split("="))),
    );
    held.set(encodeURIComponent(name), String(value));
    app.choose({ held: [...held].map((pair) => pair.join("=")).join(",") });
  }
  const build = steady(place, () => {
    const { made } = app;
    place.hidden = !made || made.inputs.length < 3;
    if (!made || made.inputs.length < 3) return;
    const numbers = made.inputs.filter(({ values }) => values.length === 0).map(({ name }) => name);
    const [i, j] = made.plane;
    const names = [made.inputs[i]?.name, made.inputs[j]?.name];
    /** @type {[string, string][]} */
    const options = numbers.map((name) => [name, name]);
    const others = made.inputs
      .map((input, k) => ({ input, value: made.held[k] }))
      .filter((_, k) => !made.plane.includes(k));
    const open = place.querySelector("details")?.open ?? false;
    refill(place, [
      numbers.length > 1
        ? el(
            "div",
            { class: "fields two" },
            select(
              t("plane.x"),
              options,
              names[0],
              (x) => choosePlane(x, x === names[1] ? names[0] : names[1]),
              { name: "plane-x" },
            ),
            select(
              t("plane.y"),
              options,
              names[1],
              (y) => choosePlane(y === names[0] ? names[1] : names[0], y),
              { name: "plane-y" },
            ),
          )
        : null,
      others.length
        ? el(
            "details",
            { open },
            el("summary", {}, t("plane.held", { n: others.length })),
            el(
              "div",
              { class: "fields held" },
              ...others
                .slice(0, MOST)
                .map(({ input, value }) => control(input, value, (number) => hold(input.name, number))),
              others.length > MOST
                ? el("p", { class: "note" }, t("folded", { n: others.length - MOST }))
                : null,
            ),
          )
        : null,
    ]);
  });
  app.on("made", build);
  app.on("language", build);
}

/**
 * @param {import("./types.js").Input} input
 * @param {number} value
 * @param {(value: number) => void} change
 */
function control(input, value, change) {
  const { name, low, high, values, marks } = input;
  if (values.length) {
    return select(
      name,
      values.map((words, code) => [String(code), words]),
      String(Math.round(value)),
      (code) => change(Number(code)),
      { name: `held-${name}` },
    );
  }
  const write = (/** @type {number} */ number) => {
    const place = Math.round(((number - low) / (high - low || 1)) * (marks.length - 1));
    return marks.length ? marks[place] : short(number);
  };
  return slider(name, { low, high, step: (high - low) / 40, value, write }, change, { name: `held-${name}` });
}
