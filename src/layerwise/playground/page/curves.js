// Loss and score over the epochs, of this run and of runs that were kept.

import { axisOf, drawChart } from "./chart.js";
import { el, refill, tick } from "./elements.js";
import { icon } from "./icons.js";
import { percent, short } from "./numbers.js";
import { calmly } from "./pace.js";
import { KeptRuns } from "./kept_runs.js";
import { palette } from "./palette.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */

const MOST_POINTS = 600; // of a drawn line
const DASH = [5, 4];

/**
 * @param {App} app
 * @param {{bar: HTMLElement, body: HTMLElement}} places
 */
export function mountCurves(app, { bar, body }) {
  const runs = new KeptRuns(app);
  const loss = el("canvas", { class: "chart", role: "img" });
  const score = el("canvas", { class: "chart", role: "img" });
  const lossTitle = el("h3");
  const scoreTitle = el("h3");
  const list = el("div", { class: "runs" });
  let log = true;
  body.append(
    el("div", { class: "charts" }, el("div", {}, lossTitle, loss), el("div", {}, scoreTitle, score)),
    list,
  );
  const resized = () => draw();
  new ResizeObserver(resized).observe(body);

  function draw() {
    const shown = app.runs.filter((run) => run.shown);
    const own = { curve: app.curve, colour: palette().ink, width: 2.2 };
    const every = [...shown.map((run) => ({ curve: run.curve, colour: runs.colour(run), width: 1.6 })), own];
    for (const [canvas, train, test] of /** @type {[HTMLCanvasElement, number, number][]} */ ([
      [loss, 1, 2],
      [score, 3, 4],
    ])) {
      const lines = every.flatMap(({ curve, colour, width }) => {
        const thin = thinned(curve);
        const x = thin.map((row) => row[0]);
        return [
          { x, y: thin.map((row) => row[train]), colour, width },
          { x, y: thin.map((row) => row[test]), colour, width, dash: DASH },
        ];
      });
      const epochs = axisOf(
        lines.map(({ x }) => x),
        false,
      );
      const values = lines.map(({ y }) => y);
      const isScore = canvas === score;
      const axis = axisOf(values, log && !isScore);
      if (isScore && app.made?.task.kind === "classes") axis.high = Math.min(1.01, axis.high);
      drawChart(
        canvas,
        lines,
        { ...epochs, low: 0, high: Math.max(1, epochs.high) },
        axis,
        isScore && app.made?.task.kind === "classes" ? (value) => `${Number((100 * value).toFixed(2))} %` : undefined,
      );
    }
    const header = app.frame?.header;
    if (!header) return;
    const classes = app.made?.task.kind === "classes";
    const write = classes ? percent : short;
    lossTitle.textContent = t("loss");
    scoreTitle.textContent = `${scoreName()}: ${write(header.score[0])} ${t("train")}, ${write(header.score[1])} ${t("test")}`;
    loss.setAttribute(
      "aria-label",
      `${t("loss")}: ${short(header.loss[0])} ${t("train")}, ${short(header.loss[1])} ${t("test")}`,
    );
    score.setAttribute("aria-label", scoreTitle.textContent);
  }
  function scoreName() {
    const task = app.made?.task;
    return task?.kind === "classes" ? t("accuracy") : "R²";
  }
  function buildBar() {
    refill(bar, [
      tick(t("curves.log"), { name: "log", checked: log, class: "check small-check" }, (checked) => {
        log = checked;
        draw();
      }),
      el(
        "button",
        {
          type: "button",
          class: "small",
          name: "keep",
          title: t("runs.keep.hint"),
          click: () => runs.keep(),
        },
        icon("pin"),
        t("runs.keep"),
      ),
    ]);
  }
  function buildList() {
    refill(list, [
      el(
        "p",
        { class: "note key" },
        el("i", { class: "solid" }),
        t("train"),
        el("i", { class: "dashed" }),
        t("test"),
      ),
      ...app.runs.map((run, i) => {
        const swatch = el("i", { class: "swatch" });
        swatch.style.background = runs.colour(run);
        return el(
          "div",
          { class: "run" },
          el("input", {
            type: "checkbox",
            name: `run-shown-${i}`,
            checked: run.shown,
            "aria-label": t("runs.show", { name: run.name }),
            change: (event) => runs.show(run, event.target.checked),
          }),
          swatch,
          el("input", {
            type: "text",
            name: `run-name-${i}`,
            value: run.name,
            "aria-label": t("runs.name"),
            change: (event) => runs.rename(run, event.target.value),
          }),
          el("span", { class: "note" }, short(run.curve[run.curve.length - 1]?.[2])),
          el(
            "button",
            {
              type: "button",
              class: "bare small",
              name: `run-again-${i}`,
              title: t("runs.again"),
              "aria-label": t("runs.again"),
              click: () => runs.again(run),
            },
            icon("reset"),
          ),
          el(
            "button",
            {
              type: "button",
              class: "bare small",
              name: `run-drop-${i}`,
              title: t("runs.drop"),
              "aria-label": t("runs.drop"),
              click: () => runs.drop(run),
            },
            icon("close"),
          ),
        );
      }),
    ]);
  }
  const all = () => {
    buildBar();
    buildList();
    draw();
  };
  app.on("language", all);
  app.on("theme", all);
  app.on("made", draw);
  app.on("frame", calmly(draw));
  app.on("runs", () => {
    buildList();
    draw();
  });
}

/**
 * At most so many rows of a curve, its last among them.
 * @param {number[][]} curve
 */
function thinned(curve) {
  if (curve.length <= MOST_POINTS) return curve;
  const every = Math.ceil(curve.length / MOST_POINTS);
  return curve.filter((_, i) => i % every === 0 || i === curve.length - 1);
}
