// The followed point's numbers, found in a frame by layer and node.

import { floats } from "./frame.js";

/** @typedef {import("./app.js").App} App */
/**
 * @typedef {object} PointValues
 * @property {Float32Array} inputs
 * @property {Float32Array[]} before  pre-activations z of each layer
 * @property {Float32Array[]} values  activations of each layer; of the last what the network answers
 * @property {Float32Array[] | null} gradients  of the loss, by each node's activation
 * @property {number | null} target  the row's class or value
 * @property {number | null} loss
 */

/**
 * @param {App} app
 * @returns {PointValues | null}
 */
export function pointValues({ made, frame }) {
  const inputs = frame && floats(frame, "row_inputs");
  const values = frame && floats(frame, "row_values");
  const before = frame && floats(frame, "row_before");
  if (!made || !frame || !inputs || !values || !before) return null;
  const gradients = floats(frame, "row_grad");
  const layers = byLayer(made, values);
  const outputs = floats(frame, "row_outputs");
  if (outputs) layers[layers.length - 1] = outputs;
  return {
    inputs,
    before: byLayer(made, before),
    values: layers,
    gradients: gradients && byLayer(made, gradients),
    target: targetOf(made, frame.header.row ?? null),
    loss: floats(frame, "row_loss")?.[0] ?? null,
  };
}

/**
 * The answer of a row that is drawn.
 * @param {import("./types.js").Made} made
 * @param {number | null} row
 */
function targetOf(made, row) {
  const place = row === null ? -1 : made.rows.row.indexOf(row);
  return place < 0 ? null : made.rows.target[place];
}

/**
 * @param {import("./types.js").Made} made
 * @param {Float32Array} values
 */
function byLayer(made, values) {
  let start = 0;
  return made.layers.map(({ nodes }) => {
    start += nodes;
    return values.subarray(start - nodes, start);
  });
}
