// What a node computes over the plane, as a small picture.

import { axisFeatures } from "./names.js";
import { classColour, palette, rgb, twoSides } from "./palette.js";

/** @typedef {import("./types.js").Made} Made */
/** @typedef {import("./types.js").Frame} Frame */

const GRID = 20; // of the pictures of inputs, which are made here

/**
 * Paint values from -127 to 127, the lowest y first, into a canvas of their size.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values
 * @param {number} start
 * @param {number} side
 */
export function paintNode(canvas, values, start, side) {
  const table = twoSides();
  paint(canvas, side, (place, data, to) => {
    const from = 3 * (Math.max(-127, Math.min(127, values[start + place])) + 127);
    data[to] = table[from];
    data[to + 1] = table[from + 1];
    data[to + 2] = table[from + 2];
  });
}

/**
 * Paint one class's probability, 0 to 255, in its colour.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values
 * @param {number} start
 * @param {number} side
 * @param {number} k
 */
export function paintProbability(canvas, values, start, side, k) {
  const { ground } = palette();
  const colour = rgb(classColour(k));
  paint(canvas, side, (place, data, to) => {
    const share = values[start + place] / 255;
    for (let c = 0; c < 3; c += 1) data[to + c] = ground[c] + share * 0.9 * (colour[c] - ground[c]);
  });
}

/**
 * Paint an input: its own rise over the plane, or one colour where it is held.
 * @param {HTMLCanvasElement} canvas
 * @param {Made} made
 * @param {number} input
 */
export function paintInput(canvas, made, input) {
  const values = new Int8Array(GRID * GRID);
  const axis = axisFeatures(made).indexOf(input);
  for (let i = 0; i < values.length && axis >= 0; i += 1) {
    const place = axis === 0 ? i % GRID : Math.floor(i / GRID);
    values[i] = Math.round(127 * ((2 * place) / (GRID - 1) - 1));
  }
  paintNode(canvas, values, 0, GRID);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} side
 * @param {(place: number, data: Uint8ClampedArray, to: number) => void} colour
 */
export function paint(canvas, side, colour) {
  const context = canvas.getContext("2d");
  if (!context) return;
  if (canvas.width !== side || canvas.height !== side) canvas.width = canvas.height = side;
  const image = context.createImageData(side, side);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const to = 4 * ((side - 1 - y) * side + x);
      colour(y * side + x, image.data, to);
      image.data[to + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}
