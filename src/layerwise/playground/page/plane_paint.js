// The plane's picture: regions of classes or a surface of numbers, and the rows as points.

import { paint } from "./node_pictures.js";
import { classColour, classShape, palette, rgb, sides, twoSides } from "./palette.js";

/** @typedef {import("./types.js").Made} Made */
/** @typedef {import("./types.js").Numbers} Numbers */
/** @typedef {{x: (value: number) => number, y: (value: number) => number, side: number}} Scale */

const STRONGEST = 0.78; // of a region's colour, so that points stand out

/**
 * Regions: each class's colour, as strong as its probability is above the other classes' share.
 * @param {HTMLCanvasElement} canvas  of the grid's size, to be drawn larger
 * @param {Numbers} outputs
 * @param {number} grid
 * @param {number} classes
 * @param {boolean} hard  whole regions, without probabilities
 */
export function paintRegions(canvas, outputs, grid, classes, hard) {
  const { ground } = palette();
  const colours = Array.from({ length: classes }, (_, k) => rgb(classColour(k)));
  const size = grid * grid;
  const chance = 1 / classes;
  paint(canvas, grid, (place, data, to) => {
    const colour = [...ground];
    let best = 0;
    for (let k = 1; k < classes; k += 1)
      if (outputs[k * size + place] > outputs[best * size + place]) best = k;
    for (let k = 0; k < classes; k += 1) {
      const share = hard ? Number(k === best) : (outputs[k * size + place] / 255 - chance) / (1 - chance);
      if (share <= 0) continue;
      for (let c = 0; c < 3; c += 1) colour[c] += STRONGEST * share * (colours[k][c] - ground[c]);
    }
    data.set(colour, to);
  });
}

/**
 * A surface: below its middle in one colour, above it in the other.
 * @param {HTMLCanvasElement} canvas
 * @param {Numbers} outputs
 * @param {number} grid
 * @param {boolean} hard  in ten steps
 */
export function paintSurface(canvas, outputs, grid, hard) {
  const table = twoSides();
  paint(canvas, grid, (place, data, to) => {
    const value = hard ? Math.min(9, Math.floor(outputs[place] / 25.6)) * 28.3 : outputs[place];
    const from = 3 * Math.round((value * 254) / 255);
    data.set([table[from], table[from + 1], table[from + 2]], to);
  });
}

/** @param {number} value @param {number} low @param {number} high */
function valueColour(value, low, high) {
  const table = twoSides();
  const share = Math.max(0, Math.min(1, (value - low) / (high - low || 1)));
  const from = 3 * Math.round(254 * share);
  return `rgb(${table[from]} ${table[from + 1]} ${table[from + 2]})`;
}

/**
 * The rows as points: a class's colour and shape, hollow where they are tested with.
 * @param {CanvasRenderingContext2D} context
 * @param {Made} made
 * @param {Scale} scale
 * With residuals, a number's colour is what is missing between it and what is predicted, and a
 * ring is around each point that is taken for another class.
 * @param {{range: [number, number], predicted: Numbers | null, residuals: boolean, chosen: number | null,
 *   shows: "all" | "train" | "test"}} how
 */
export function paintPoints(context, made, scale, { range, predicted, residuals, chosen, shows }) {
  const { rows, task } = made;
  const n = rows.x.length;
  const radius = Math.max(2.6, Math.min(5, 60 / Math.sqrt(n))) * (scale.side / 300) ** 0.5;
  const { ground, ink } = palette();
  const light = `rgb(${ground.join(" ")})`;
  for (let i = 0; i < n; i += 1) {
    if (shows !== "all" && (shows === "test") !== Boolean(rows.test[i])) continue;
    const x = scale.x(rows.x[i]);
    const y = scale.y(rows.y[i]);
    const target = rows.target[i];
    const classes = task.kind === "classes";
    const half = (range[1] - range[0]) / 2;
    const colour = classes
      ? classColour(target)
      : residuals && predicted
        ? valueColour(target - predicted[i], -half, half)
        : valueColour(target, range[0], range[1]);
    context.beginPath();
    (classes ? classShape(target) : classShape(0))(context, x, y, radius);
    context.lineWidth = 1;
    if (rows.test[i]) {
      context.fillStyle = light;
      context.fill();
      context.strokeStyle = classes ? colour : ink;
      context.lineWidth = classes ? 1.8 : 1.1;
      context.stroke();
      if (!classes) {
        context.beginPath();
        context.arc(x, y, radius * 0.6, 0, 7);
        context.fillStyle = colour;
        context.fill();
      }
    } else {
      context.fillStyle = colour;
      context.fill();
      context.strokeStyle = classes ? light : ink;
      context.stroke();
    }
    if (classes && residuals && predicted && predicted[i] !== target)
      ring(context, x, y, radius + 2.5, ink, 1);
    if (rows.row[i] === chosen) ring(context, x, y, radius + 5, ink, 2.5);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {string} colour
 * @param {number} width
 */
export function ring(context, x, y, radius, colour, width) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

/**
 * With one input: the network's answer as a line, the rows at their targets, what is missing between.
 * @param {CanvasRenderingContext2D} context
 * @param {Made} made
 * @param {Scale} scale
 * @param {Numbers} outputs
 * @param {[number, number]} range
 */
export function paintLine(context, made, scale, outputs, range) {
  const { above, below } = sides();
  const [{ low, high }] = made.inputs;
  const grid = made.grid;
  /** @param {number} i */
  const at = (i) => range[0] + (outputs[i] / 255) * (range[1] - range[0]);
  made.rows.x.forEach((x, i) => {
    const place = Math.max(0, Math.min(grid - 1, Math.round(((x - low) / (high - low)) * (grid - 1))));
    context.strokeStyle = below;
    context.globalAlpha = 0.5;
    context.beginPath();
    context.moveTo(scale.x(x), scale.y(at(place)));
    context.lineTo(scale.x(x), scale.y(made.rows.target[i]));
    context.stroke();
    context.globalAlpha = 1;
  });
  context.beginPath();
  for (let i = 0; i < grid; i += 1) {
    context.lineTo(scale.x(low + ((high - low) * i) / (grid - 1)), scale.y(at(i)));
  }
  context.strokeStyle = above;
  context.lineWidth = 2.5;
  context.stroke();
}
