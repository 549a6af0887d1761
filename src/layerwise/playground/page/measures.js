// What else is measured: confusions, residuals, gradients by layer, dead nodes.

import { el, headCell, refill } from "./elements.js";
import { floats } from "./frame.js";
import { percent, short } from "./numbers.js";
import { calmly } from "./pace.js";
import { classMark, font, palette, sides } from "./palette.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */

/** @param {App} app @param {HTMLElement} place */
export function mountMeasures(app, place) {
  const confusion = el("div", { class: "confusion" });
  const residuals = el("canvas", { class: "residuals", role: "img" });
  const caption = el("figcaption", { class: "note" });
  const figure = el("figure", { hidden: true }, caption, residuals);
  const layers = el("div", { class: "by-layer" });
  place.append(confusion, figure, layers);
  function build() {
    const { made, frame } = app;
    if (!made || !frame) return;
    const counts = frame.header.confusion;
    confusion.hidden = !counts;
    figure.hidden = made.task.kind !== "number";
    if (counts) refill(confusion, [table(counts, made.task.classes, made.n_test !== 0)]);
    if (made.task.kind === "number") scatter();
    const gradient = frame.header.gradient ?? [];
    const most = Math.max(1e-12, ...gradient.map((size) => size ?? 0));
    const dying = frame.header.dead;
    const last = made.layers.length - 1;
    refill(layers, [
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, ...["", t("gradient.size"), "", dying ? t("dead") : ""].map(headCell))),
        el(
          "tbody",
          {},
          ...gradient.map((size, k) =>
            el(
              "tr",
              {},
              el("th", { scope: "row" }, k === last ? t("layer.output") : t("layer.hidden", { n: k + 1 })),
              el("td", {}, meter((size ?? 0) / most)),
              el("td", {}, short(size)),
              el("td", {}, k === last || !dying ? "" : dead(dying[k])),
            ),
          ),
        ),
      ),
    ]);
  }
  /** What was predicted against what is true. */
  function scatter() {
    const { made, frame } = app;
    const predicted = frame && floats(frame, "predicted");
    const context = residuals.getContext("2d");
    if (!made || !predicted || !context) return;
    const side = Math.min(place.clientWidth, 240);
    const density = devicePixelRatio || 1;
    residuals.style.width = residuals.style.height = `${side}px`;
    residuals.width = residuals.height = Math.round(side * density);
    context.setTransform(density, 0, 0, density, 0, 0);
    const { target, test } = made.rows;
    const low = Math.min(...target);
    const high = Math.max(...target);
    const to = (/** @type {number} */ value) => 24 + ((value - low) / (high - low || 1)) * (side - 34);
    const { muted, faint } = palette();
    const { above, below } = sides();
    context.strokeStyle = faint;
    context.beginPath();
    context.moveTo(to(low), side - to(low));
    context.lineTo(to(high), side - to(high));
    context.stroke();
    target.forEach((value, i) => {
      context.beginPath();
      context.arc(to(value), side - to(predicted[i]), 2.4, 0, 7);
      context.fillStyle = test[i] ? below : above;
      context.globalAlpha = 0.65;
      context.fill();
    });
    context.globalAlpha = 1;
    context.fillStyle = muted;
    context.font = font(12);
    context.textAlign = "center";
    context.fillText(t("residuals.true"), side / 2, side - 5);
    context.rotate(-Math.PI / 2);
    context.fillText(t("residuals.predicted"), -side / 2, 12);
    caption.textContent = t("residuals");
    residuals.setAttribute("aria-label", t("residuals"));
  }
  app.on("frame", calmly(build));
  app.on("language", build);
  app.on("theme", build);
}

/**
 * Rows by their class (down) and by what they were taken for (across).
 * @param {number[][]} counts
 * @param {string[]} names
 * @param {boolean} tested
 */
function table(counts, names, tested) {
  const most = Math.max(1, ...counts.flat());
  return el(
    "table",
    {},
    el("caption", {}, t(tested ? "confusion.test" : "confusion.train")),
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        el("td", {}),
        ...names.map((name, k) =>
          el("th", { scope: "col", title: name }, classMark(k), el("span", { class: "unseen" }, name)),
        ),
      ),
    ),
    el(
      "tbody",
      {},
      ...counts.map((row, k) =>
        el(
          "tr",
          {},
          el("th", { scope: "row", title: names[k] }, classMark(k), el("span", {}, names[k])),
          ...row.map((count, j) => {
            const cell = el("td", { class: j === k ? "same" : count ? "wrong" : "" }, count);
            cell.style.setProperty("--share", `${Math.round((100 * count) / most)}%`);
            return cell;
          }),
        ),
      ),
    ),
  );
}

/** @param {number} share */
function meter(share) {
  const inner = el("i");
  inner.style.width = `${Math.max(1, 100 * share)}%`;
  return el("span", { class: "meter", "aria-hidden": "true" }, inner);
}

/** @param {number | null | undefined} share */
function dead(share) {
  return share ? percent(share).replace(/\.0 /, " ") : share === 0 ? "0" : "–";
}
