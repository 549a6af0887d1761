// How it learns: optimiser, rate, schedule, batch, penalties, loss.

import { el, numberField, refill, select, slider, steady } from "./elements.js";
import { named, t } from "./words.js";

/** @typedef {import("./app.js").App} App */

const RATES = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const PENALTIES = [0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];

/** @param {App} app @param {HTMLElement} place */
export function mountLearning(app, place) {
  /**
   * A choice among numbers; one from the address that is none of them stands there too.
   * @param {string} key
   * @param {number[]} values
   */
  function among(key, values) {
    const value = Number(app.choice(key));
    const all = values.includes(value) ? values : [...values, value].sort((a, b) => a - b);
    return select(
      t(key),
      all.map((number) => [String(number), String(number)]),
      String(value),
      (chosen) => app.choose({ [key]: Number(chosen) }, true),
      { name: key },
    );
  }
  /**
   * A choice among the engine's entries.
   * @param {string} key
   * @param {{name: string}[]} entries
   * @param {string} [empty]  the words where "" may be chosen
   */
  function entry(key, entries, empty) {
    /** @type {[string, string][]} */
    const options = entries.map(({ name }) => [name, named(key, name)]);
    if (empty) options.unshift(["", empty]);
    return select(
      t(key === "loss" ? "loss.kind" : key),
      options,
      String(app.choice(key)),
      (chosen) => app.choose({ [key]: chosen }, true),
      { name: key },
    );
  }
  const build = steady(place, () => {
    const { welcome, made } = app;
    if (!welcome) return;
    const optimizer = welcome.optimizers.find(({ name }) => name === app.choice("optimizer"));
    const schedule = welcome.schedules.find(({ name }) => name === app.choice("schedule"));
    const losses = welcome.losses.filter(({ task }) => task === made?.task.kind);
    const hasRate = optimizer?.rate !== null; // one that searches takes all rows and finds its rate itself
    const more = place.querySelector("details")?.open ?? false;
    refill(place, [
      el(
        "div",
        { class: "fields two" },
        entry("optimizer", welcome.optimizers),
        hasRate && among("rate", RATES),
      ),
      formula(optimizer?.formula),
      el("div", { class: "fields two" }, hasRate && among("batch", BATCHES), among("l2", PENALTIES)),
      el(
        "details",
        { open: more },
        el("summary", {}, t("learning.more")),
        el(
          "div",
          { class: "fields" },
          hasRate && entry("schedule", welcome.schedules),
          hasRate && schedule && formula(t("schedule.factor", { formula: schedule.formula })),
          el(
            "div",
            { class: "fields two" },
            among("l1", PENALTIES),
            numberField(
              t("epochs"),
              { low: 1, high: 1000000, step: 1, value: Number(app.choice("epochs")) },
              (value) => app.choose({ epochs: value }, true),
              { name: "epochs" },
            ),
          ),
          entry("loss", losses, t("loss.fits")),
          formula(made?.task.loss.formula),
          made?.task.kind === "classes" &&
            slider(
              t("smoothing"),
              { low: 0, high: 0.5, step: 0.01, value: Number(app.choice("smoothing")) },
              (value) => app.choose({ smoothing: value }),
              { name: "smoothing" },
            ),
        ),
      ),
    ]);
  });
  app.on("welcome", build);
  app.on("trouble", build);
  app.on("made", build);
  app.on("language", build);
}

/** @param {string | undefined} text */
function formula(text) {
  return text ? el("p", { class: "formula-line" }, text) : null;
}
