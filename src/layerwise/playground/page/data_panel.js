// What the network learns from: a toy table, points drawn by hand, or a table of one's own.

import { FIRST_POINTS, drawnPoints } from "./drawn_points.js";
import { el, numberField, refill, select, slider, steady } from "./elements.js";
import { icon } from "./icons.js";
import { percent } from "./numbers.js";
import { tablePanel } from "./table_panel.js";
import { named, t } from "./words.js";

/** @typedef {import("./app.js").App} App */

/** @param {App} app @param {HTMLElement} place */
export function mountData(app, place) {
  const drawn = drawnPoints(app);
  const table = tablePanel(app);
  let wantsTable = false; // chosen, while there is none yet

  /** @param {string} name */
  function toy(name) {
    return app.welcome?.datasets.find((entry) => entry.name === name);
  }
  const build = steady(place, () => {
    if (!app.welcome) return;
    const data = wantsTable ? "table" : String(app.choice("data"));
    if (data === "points") drawn.build();
    if (data === "table") table.build();
    const entry = toy(data);
    const names = [...app.welcome.datasets.map(({ name }) => name), "points", "table"];
    /** @param {string} key */
    const set = (key) => (/** @type {string | number} */ value) => app.choose({ [key]: value });
    refill(place, [
      el(
        "div",
        { class: "fields" },
        select(
          t("dataset"),
          names.map((name) => [name, named("data", name)]),
          data,
          chooseData,
          { name: "data" },
        ),
        ...(entry ? entry.options : []).map((option) =>
          slider(
            t(option),
            { low: 2, high: entry?.most ?? 2, step: 1, value: Number(app.choice(option)) },
            set(option),
            { name: option },
          ),
        ),
        data === "points" && drawn.place,
        data === "table" && table.place,
        entry &&
          slider(
            t("rows"),
            { low: 20, high: 2000, step: 20, value: Number(app.choice("rows")) },
            set("rows"),
            { name: "rows" },
          ),
        entry &&
          slider(
            t("noise"),
            { low: 0, high: 1, step: 0.05, value: Number(app.choice("noise")), write: percentWhole },
            set("noise"),
            { name: "noise" },
          ),
        !wantsTable &&
          slider(
            t("test.share"),
            { low: 0, high: 0.9, step: 0.05, value: Number(app.choice("test")), write: percentWhole },
            set("test"),
            { name: "test" },
          ),
        !wantsTable &&
          el(
            "div",
            { class: "row end" },
            numberField(
              t("seed"),
              { low: 0, high: 999999, step: 1, value: Number(app.choice("seed")) },
              (value) => app.choose({ seed: value }, true),
              { name: "seed" },
            ),
            el(
              "button",
              {
                type: "button",
                class: "bare",
                name: "dice",
                title: t("seed.new"),
                "aria-label": t("seed.new"),
                click: () => app.choose({ seed: (Number(app.choice("seed")) + 1) % 1000000 }, true),
              },
              icon("dice"),
            ),
          ),
      ),
    ]);
  });
  /** @param {string} name */
  function chooseData(name) {
    wantsTable = name === "table" && !table.has();
    if (wantsTable) {
      build();
      return;
    }
    app.choosePoint(null);
    if (name === "points" && !app.choice("points")) app.choose({ points: FIRST_POINTS });
    app.choose({ data: name, loss: "", plane: "", held: "" }, true);
  }
  app.on("welcome", build);
  app.on("preparing", build);
  app.on("trouble", build);
  app.on("made", () => {
    wantsTable = false;
    build();
  });
  app.on("language", build);
  return drawn.drawing;
}

/** @param {number} value */
function percentWhole(value) {
  return percent(value).replace(/\.0 /, " ");
}
