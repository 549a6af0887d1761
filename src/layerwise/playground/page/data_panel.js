// What the network learns from: a toy table, points drawn by hand, or a table of one's own.

import { el, numberField, refill, select, slider } from "./elements.js";
import { icon } from "./icons.js";
import { percent } from "./numbers.js";
import { named, t } from "./words.js";

/** @typedef {import("./app.js").App} App */

const RANGES = { arms: [2, 5], classes: [2, 6] };

/** @param {App} app @param {HTMLElement} place */
export function mountData(app, place) {
  const own = el("div", { id: "own-data" });

  /** @param {string} name */
  function toy(name) {
    return app.welcome?.datasets.find((entry) => entry.name === name);
  }
  function build() {
    if (!app.welcome) return;
    const data = String(app.choice("data"));
    const entry = toy(data);
    const names = [...app.welcome.datasets.map(({ name }) => name), "points", "table"];
    /** @param {string} key */
    const set = (key) => (/** @type {string | number} */ value) => app.choose({ [key]: value });
    refill(place, [
      el("div", { class: "fields" },
        select(t("dataset"), names.map((name) => [name, named("data", name)]), data, chooseData, { name: "data" }),
        ...(entry?.options ?? []).map((option) => {
          const [low, high] = RANGES[/** @type {"arms" | "classes"} */ (option)];
          return slider(t(option), { low, high, step: 1, value: Number(app.choice(option)) }, set(option), { name: option });
        }),
        own,
        entry && slider(t("rows"), { low: 20, high: 2000, step: 20, value: Number(app.choice("rows")) },
          set("rows"), { name: "rows" }),
        entry && slider(t("noise"), { low: 0, high: 1, step: 0.05, value: Number(app.choice("noise")), write: percentWhole },
          set("noise"), { name: "noise" }),
        slider(t("test.share"), { low: 0, high: 0.9, step: 0.05, value: Number(app.choice("test")), write: percentWhole },
          set("test"), { name: "test" }),
        el("div", { class: "row end" },
          numberField(t("seed"), { low: 0, high: 999999, step: 1, value: Number(app.choice("seed")) },
            (value) => app.choose({ seed: value }, true), { name: "seed" }),
          el("button", {
            type: "button", class: "bare", name: "dice", title: t("seed.new"), "aria-label": t("seed.new"),
            click: () => app.choose({ seed: (Number(app.choice("seed")) + 1) % 1000000 }, true),
          }, icon("dice")))),
    ]);
  }
  /** @param {string} name */
  function chooseData(name) {
    app.choosePoint(null);
    app.choose({ data: name }, true);
  }
  app.on("welcome", build);
  app.on("made", build);
  app.on("language", build);
  return own;
}

/** @param {number} value */
function percentWhole(value) {
  return percent(value).replace(/\.0 /, " ");
}
