// The plane's axes: where its values lie on the canvas, and what is written there.

import { floats } from "./frame.js";
import { percent, short } from "./numbers.js";
import { font, palette } from "./palette.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {{name: string, low: number, high: number}} Axis */
/** With a single input the second axis is the target. @typedef {{x: Axis, y: Axis, single: boolean}} Axes */

export const MARGIN = { left: 42, bottom: 26, top: 6, right: 6 };

/**
 * @param {App} app
 * @returns {Axes | null}
 */
export function axesOf(app) {
  const { made } = app;
  if (!made) return null;
  const [i, j] = made.plane.length ? made.plane : [0, 0];
  const single = i === j;
  const [low, high] = rangeOf(app);
  const x = made.inputs[i];
  return x ? { x, y: single ? { name: made.task.target, low, high } : made.inputs[j], single } : null;
}

/**
 * The least and the most that is answered where numbers are.
 * @param {App} app
 * @returns {[number, number]}
 */
export function rangeOf({ made, frame }) {
  const range = frame && floats(frame, "range");
  if (range?.length === 2) return [range[0], range[1]];
  const target = made?.rows.target ?? [0, 1];
  return [Math.min(...target), Math.max(...target)];
}

/**
 * From values to places on a canvas, and back.
 * @param {App} app
 * @param {number} side  of the canvas
 */
export function scaleOf(app, side) {
  const axes = axesOf(app);
  if (!axes) return null;
  const { x, y } = axes;
  const wide = side - MARGIN.left - MARGIN.right;
  const high = side - MARGIN.top - MARGIN.bottom;
  return {
    side,
    x: (/** @type {number} */ v) => MARGIN.left + along(x, v) * wide,
    y: (/** @type {number} */ v) => MARGIN.top + (1 - along(y, v)) * high,
    backX: (/** @type {number} */ p) => x.low + ((p - MARGIN.left) / wide) * (x.high - x.low),
    backY: (/** @type {number} */ p) => y.low + (1 - (p - MARGIN.top) / high) * (y.high - y.low),
  };
}

/** @param {Axis} axis @param {number} value */
function along({ low, high }, value) {
  return (value - low) / (high - low || 1);
}

/**
 * What the network says at a place, in words.
 * @param {App} app
 * @param {{x: number, y: number}} place
 * @returns {string | null}
 */
export function wordsAt(app, place) {
  const { made, frame } = app;
  const axes = axesOf(app);
  const outputs = frame?.arrays.outputs;
  if (!made || !axes || !outputs) return null;
  const n = made.grid;
  const column = Math.round(along(axes.x, place.x) * (n - 1));
  const row = axes.single ? 0 : Math.round(along(axes.y, place.y) * (n - 1));
  const at = Math.max(0, Math.min(n * n - 1, row * n + column));
  const where = axes.single
    ? `${axes.x.name} ${short(place.x)}`
    : t("at", { x: axes.x.name, vx: short(place.x), y: axes.y.name, vy: short(place.y) });
  const [low, high] = rangeOf(app);
  const says =
    made.task.kind === "classes"
      ? made.task.classes.map((name, k) => `${name} ${percent(outputs[k * n * n + at] / 255)}`).join(", ")
      : short(low + (outputs[at] / 255) * (high - low));
  return `${where}: ${says}`;
}

/**
 * Names and ends of the axes.
 * @param {CanvasRenderingContext2D} context
 * @param {Axes} axes
 * @param {number} side
 */
export function drawAxes(context, { x, y }, side) {
  const bottom = side - MARGIN.bottom;
  context.fillStyle = palette().muted;
  context.font = font(12);
  context.textBaseline = "top";
  context.textAlign = "left";
  context.fillText(short(x.low), MARGIN.left, bottom + 7);
  context.textAlign = "right";
  context.fillText(short(x.high), side - MARGIN.right, bottom + 7);
  context.textAlign = "center";
  context.fillText(x.name, (MARGIN.left + side - MARGIN.right) / 2, bottom + 7, side - 140);
  context.save();
  context.translate(MARGIN.left - 20, (bottom + MARGIN.top) / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(y.name, 0, 0, side - 140);
  context.restore();
  context.textAlign = "right";
  context.fillText(short(y.high), MARGIN.left - 5, MARGIN.top);
  context.textBaseline = "bottom";
  context.fillText(short(y.low), MARGIN.left - 5, bottom);
}

/**
 * Lines through a place.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} side
 */
export function drawCross(context, x, y, side) {
  context.strokeStyle = palette().ink;
  context.globalAlpha = 0.45;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, side);
  context.moveTo(0, y);
  context.lineTo(side, y);
  context.stroke();
  context.globalAlpha = 1;
}
