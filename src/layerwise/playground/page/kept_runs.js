// Runs that were kept, to be laid over one another: their curves, choices and names.

import { parseLayers } from "./address.js";
import { classColour } from "./palette.js";
import { named, t } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Run} Run */

const MOST = 6;

export class KeptRuns {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    /** @type {Run[]} each in the place of its colour */
    this.places = [];
  }

  keep() {
    const { made, curve } = this.app;
    if (!made || curve.length < 2) return;
    const run = { name: nameOf(made.choices), choices: { ...made.choices }, curve: [...curve], shown: true };
    this.app.runs = [...this.app.runs, run].slice(-MOST);
    this.tell();
  }

  /** @param {Run} run */
  colour(run) {
    const free = Array.from({ length: MOST }, (_, i) => i).find(
      (i) => !this.app.runs.includes(this.places[i]),
    );
    if (!this.places.includes(run)) this.places[free ?? 0] = run;
    return classColour(2 + this.places.indexOf(run)); // beyond the two sides
  }

  /** @param {Run} run @param {boolean} shown */
  show(run, shown) {
    run.shown = shown;
    this.tell();
  }

  /** @param {Run} run @param {string} name */
  rename(run, name) {
    run.name = name;
    this.tell();
  }

  /** Choose once more what the run was made with. @param {Run} run */
  again(run) {
    this.app.choose(this.app.complete(run.choices), true);
  }

  /** @param {Run} run */
  drop(run) {
    this.app.runs = this.app.runs.filter((other) => other !== run);
    this.tell();
  }

  tell() {
    this.app.tell("runs", this.app.runs);
  }
}

/** @param {import("./types.js").Choices} choices */
function nameOf(choices) {
  const layers = parseLayers(choices.layers);
  const activations = [...new Set(layers.map(({ activation }) => named("activation", activation)))];
  const shape = layers.length ? layers.map(({ nodes }) => nodes).join("-") : t("runs.linear");
  return [
    `${shape} ${activations.join(", ")}`.trim(),
    `${named("optimizer", String(choices.optimizer))} ${choices.rate}`,
  ].join(" · ");
}
