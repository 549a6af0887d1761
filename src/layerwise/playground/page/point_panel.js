// One point's way: its values through the layers, the answer, the loss, and the gradients back.

import { el, headCell, refill } from "./elements.js";
import { icon } from "./icons.js";
import { countOf, layerName, nodeName } from "./names.js";
import { short } from "./numbers.js";
import { paint } from "./node_pictures.js";
import { classMark, palette, rgb } from "./palette.js";
import { calmly } from "./pace.js";
import { phaseWords, reached } from "./phase.js";
import { pointValues } from "./point_values.js";
import { safeMarkup } from "./safe_markup.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Made} Made */
/** @typedef {import("./point_values.js").PointValues} PointValues */

const SHOWN = 8; // nodes of a layer
const PATIENCE = 700; // ms between two questions while it plays

/** @param {App} app @param {HTMLElement} place */
export function mountPointPanel(app, place) {
  const head = el("div", { class: "row way-head" });
  const status = el("p", { class: "phase", role: "status" });
  const stages = el("div", { class: "stages", role: "group" });
  const formula = el("div", { class: "formulas" });
  const summary = el("summary");
  const worked = el("details", { class: "worked", toggle: () => ask() }, summary, formula);
  place.append(head, status, stages, worked);
  let asked = 0;
  const buildCalmly = calmly(build);

  function ask() {
    if (!worked.open || !app.point || performance.now() - asked < PATIENCE) return;
    asked = performance.now();
    app.send({ type: "explain", what: "output" });
  }
  /** @param {number} step */
  function go(step) {
    const rows = app.made?.rows.row ?? [];
    if (!rows.length) return;
    const now = rows.indexOf(app.frame?.header.row ?? -1);
    app.choosePoint({ row: rows[(Math.max(now, step < 0 ? 0 : -1) + step + rows.length) % rows.length] });
  }
  function buildHead() {
    const { made, point } = app;
    if (!made) return;
    const row = app.frame?.header.row ?? null;
    const place = row === null ? -1 : made.rows.row.indexOf(row);
    const target = place < 0 ? null : made.rows.target[place];
    const whose =
      row === null && !point ? t("way.none") : row === null ? t("way.place") : t("way.row", { n: row + 1 });
    refill(head, [
      el(
        "button",
        {
          type: "button",
          class: "small",
          name: "row-before",
          "aria-label": t("row.before"),
          title: t("row.before"),
          click: () => go(-1),
        },
        "‹",
      ),
      el(
        "button",
        {
          type: "button",
          class: "small",
          name: "row-next",
          "aria-label": t("row.next"),
          title: t("row.next"),
          click: () => go(1),
        },
        "›",
      ),
      el("span", {}, whose),
      target === null ? null : el("span", {}, answer(made, target)),
      place >= 0 && made.rows.test[place] ? el("span", { class: "note" }, t("way.test")) : null,
      point
        ? el(
            "button",
            {
              type: "button",
              class: "bare small",
              name: "row-leave",
              "aria-label": t("row.leave"),
              title: t("row.leave"),
              click: () => app.choosePoint(null),
            },
            icon("close"),
          )
        : null,
    ]);
    stages.setAttribute("aria-label", t("way"));
    summary.textContent = t(made.task.kind === "classes" ? "way.softmax" : "way.squared");
  }
  function build() {
    const { made } = app;
    const values = pointValues(app);
    const phase = app.frame?.header.phase ?? null;
    status.textContent = made && phase ? phaseWords(made, phase) : "";
    stages.hidden = worked.hidden = !values;
    if (!made || !values) {
      stages.replaceChildren();
      return;
    }
    const last = made.layers.length - 1;
    const cards = [inputCard(made, values)];
    const known = reached(phase);
    const moves = phase?.name === "forward" || phase?.name === "backward";
    made.layers.slice(0, Math.min(last, known.values + 1)).forEach((_, k) => {
      cards.push(layerCard(made, values, k, moves && phase.layer === k, known.gradients));
    });
    if (known.values >= last) cards.push(outputCard(made, values, moves && phase.layer === last));
    if (values.loss !== null && phase?.name !== "forward")
      cards.push(lossCard(made, values, phase?.name === "loss"));
    refill(stages, cards);
    ask();
  }
  app.on("made", () => {
    buildHead();
    build();
  });
  app.on("language", () => {
    buildHead();
    build();
  });
  app.on("point", () => {
    formula.replaceChildren();
    asked = 0;
    buildHead();
    build();
  });
  /** @type {number | null} */
  let row = null;
  app.on("frame", ({ header }) => {
    if (row !== (header.row ?? null)) buildHead();
    row = header.row ?? null;
    buildCalmly();
  });
  app.on("formula", ({ asked: question, html }) => {
    if (question.what === "output") formula.replaceChildren(safeMarkup(html));
  });
}

/**
 * What a row's answer is, in words.
 * @param {Made} made
 * @param {number} target
 */
function answer(made, target) {
  const words = el("span", { class: "answer" });
  if (made.task.kind === "classes")
    words.append(classMark(target), made.task.classes[target] ?? String(target));
  else words.append(`${made.task.target} ${short(target)}`);
  return words;
}

/**
 * @param {string} title
 * @param {string} under
 * @param {boolean} here
 * @param {(string | Node)[][]} rows
 * @param {string[]} heads
 * @param {number} more
 */
function card(title, under, here, rows, heads, more) {
  return el(
    "div",
    { class: here ? "stage-card at" : "stage-card" },
    el("h3", {}, title),
    el("p", { class: "note" }, under),
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, ...heads.map(headCell))),
      el(
        "tbody",
        {},
        ...rows.map((row) =>
          el("tr", {}, ...row.map((cell, i) => (i ? el("td", {}, cell) : el("th", { scope: "row" }, cell)))),
        ),
      ),
    ),
    more > 0 ? el("p", { class: "note" }, t("folded", { n: more })) : null,
  );
}

/** A bar to the right of the middle, or to the left. @param {number} value @param {number} most */
function bar(value, most) {
  const inner = el("i", { class: value < 0 ? "below" : "above" });
  inner.style.width = `${Math.min(50, (50 * Math.abs(value)) / (most || 1))}%`;
  return el("span", { class: "bar", "aria-hidden": "true" }, inner);
}

/** @param {Made} made @param {PointValues} values */
function inputCard(made, { inputs }) {
  const most = Math.max(...inputs.map(Math.abs));
  const rows = made.features.slice(0, SHOWN).map((name, i) => [name, bar(inputs[i], most), short(inputs[i])]);
  const element = card(t("layer.input"), "x", false, rows, ["", "", "x"], made.features.length - SHOWN);
  if (made.choices.data === "digits") element.querySelector("table")?.replaceWith(digit(inputs));
  return element;
}

/** A handwritten digit, as it was written. @param {Float32Array} inputs */
function digit(inputs) {
  const canvas = el("canvas", { class: "digit", role: "img", "aria-label": t("data.digits") });
  const side = Math.sqrt(inputs.length);
  const ink = rgb(palette().ink);
  const { ground } = palette();
  paint(canvas, side, (place, data, to) => {
    const row = side - 1 - Math.floor(place / side);
    const share = Math.max(0, Math.min(1, inputs[row * side + (place % side)]));
    data.set(
      ink.map((value, c) => ground[c] + share * (value - ground[c])),
      to,
    );
  });
  return canvas;
}

/**
 * @param {Made} made
 * @param {PointValues} values
 * @param {number} k
 * @param {boolean} here
 * @param {number} known  the first layer whose gradients are known
 */
function layerCard(made, { before, values, gradients }, k, here, known) {
  const most = Math.max(...values[k].map(Math.abs));
  const rows = [...values[k].subarray(0, SHOWN)].map((_, j) => [
    nodeName(made, k, j),
    bar(values[k][j], most),
    short(before[k][j]),
    short(values[k][j]),
    ...(gradients ? [k >= known ? short(gradients[k][j]) : ""] : []),
  ]);
  return card(
    layerName(made, k),
    `a = ${made.layers[k].activation}(z)`,
    here,
    rows,
    ["", "", "z", "a", ...(gradients ? ["∂L/∂a"] : [])],
    countOf(made, k) - SHOWN,
  );
}

/** @param {Made} made @param {PointValues} values @param {boolean} here */
function outputCard(made, { before, values, target }, here) {
  const k = made.layers.length - 1;
  const classes = made.task.kind === "classes";
  const sum = before[k].reduce((total, score) => total + Math.exp(score), 0);
  const rows = [...values[k]]
    .slice(0, 10)
    .map((value, j) => [
      classes && values[k].length > 1 ? answer(made, j) : nodeName(made, k, j),
      bar(value, classes ? 1 : Math.max(...values[k].map(Math.abs))),
      short(before[k][j]),
      ...(classes ? [short(Math.exp(before[k][j]))] : []),
      short(value),
    ]);
  const element = card(
    t("layer.output"),
    classes ? t("way.sum", { sum: short(sum) }) : made.layers[k].activation,
    here,
    rows,
    ["", "", "s", ...(classes ? ["eˢ"] : []), classes ? "p" : "a"],
    values[k].length - 10,
  );
  if (classes && target !== null) element.querySelectorAll("tbody tr")[target]?.classList.add("right");
  return element;
}

/** @param {Made} made @param {PointValues} values @param {boolean} here */
function lossCard(made, { values, target, loss }, here) {
  const outputs = values[values.length - 1];
  const p = made.task.kind === "classes" && target !== null && outputs.length > 1 ? outputs[target] : null;
  return el(
    "div",
    { class: here ? "stage-card loss at" : "stage-card loss" },
    el("h3", {}, t("loss")),
    el("p", { class: "big" }, short(loss)),
    p === null ? null : el("p", { class: "note" }, `−ln(${short(p, 4)}) = ${short(-Math.log(p))}`),
  );
}
