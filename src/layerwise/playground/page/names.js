// What layers and nodes are called: as in the formulas, and in words.

import { t } from "./words.js";

/** @typedef {import("./types.js").Made} Made */

/** @param {Made} made @param {number} layer  -1: the inputs */
export function countOf(made, layer) {
  return layer < 0 ? made.features.length : made.layers[layer].nodes;
}

/** What enters the first layer along the plane's axes. @param {Made} made */
export function axisFeatures(made) {
  return made.plane.map((input) => made.features.indexOf(made.inputs[input].name));
}

/** @param {Made} made @param {number} layer */
function isLast(made, layer) {
  return layer === made.layers.length - 1;
}

/** @param {Made} made @param {number} layer */
export function layerName(made, layer) {
  if (layer < 0) return t("layer.input");
  return isLast(made, layer) ? t("layer.output") : t("layer.hidden", { n: layer + 1 });
}

/**
 * A node's short name: an input's, a class, the target, or its number.
 * @param {Made} made
 * @param {number} layer
 * @param {number} node
 */
export function nodeName(made, layer, node) {
  if (layer < 0) return made.features[node];
  if (!isLast(made, layer)) return String(node + 1);
  return made.task.kind === "classes" ? made.task.classes[node] : made.task.target;
}

/** A node in words. @param {Made} made @param {number} layer @param {number} node */
export function nodeWords(made, layer, node) {
  const name = nodeName(made, layer, node);
  if (layer < 0) return name;
  return isLast(made, layer)
    ? `${t("layer.output")}: ${name}`
    : t("node", { layer: layerName(made, layer), name });
}

/**
 * Where a weight, or with no node that it comes from a bias, stands among the network's numbers.
 * @param {Made} made
 * @param {number} layer
 * @param {number | null} from
 * @param {number} to
 */
export function placeOf(made, layer, from, to) {
  if (from === null) return made.vector.biases[layer][0] + to;
  const [start, , fanOut] = made.vector.weights[layer];
  return start + from * fanOut + to;
}
