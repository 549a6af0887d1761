// Where the network's nodes stand: a column for each layer, some folded.

import { axisFeatures, countOf } from "./names.js";

/** @typedef {import("./types.js").Made} Made */

const LAYERS_DRAWN = 12; // hidden ones; the server sends no pictures of more
const NODES_OPENED = 16; // of an opened layer; neither of more nodes
const NODES_SHOWN = 10; // of a layer, before it is opened
const INPUTS_SHOWN = 8; // of many
const HEAD = 90; // height of a layer's controls
const NARROWEST = 77;
const NAMES = 40; // room to the right for the outputs' names

/**
 * @typedef {object} Column
 * @property {number} layer  -1: the inputs; of layers with weights from 0
 * @property {"input" | "hidden" | "output"} kind
 * @property {number[]} nodes  those that are shown
 * @property {number} more  how many are not
 * @property {number} x  of the middle
 */
/** @typedef {{columns: Column[], size: number, width: number, height: number, step: number, gap: number, folded: number}} Layout */

/**
 * @param {Made} made
 * @param {number} room  width that there is
 * @param {Set<number>} opened  layers of which more nodes are shown
 * @returns {Layout}
 */
export function layOut(made, room, opened) {
  const last = made.layers.length - 1;
  const drawn = Math.min(last, LAYERS_DRAWN);
  const folded = last - drawn;
  const places = [-1, ...Array.from({ length: drawn }, (_, k) => k), last];
  const slots = places.length + (folded ? 1 : 0);
  const width = Math.max(room, slots * NARROWEST + NAMES);
  const step = (width - NAMES) / slots;
  const columns = places.map((layer, i) => {
    const all = countOf(made, layer);
    const some = layer < 0 && all > NODES_SHOWN ? INPUTS_SHOWN : NODES_SHOWN;
    const most = opened.has(layer) ? NODES_OPENED : some;
    const shown = all > most ? most - 1 : all;
    /** @type {Column["kind"]} */
    const kind = layer < 0 ? "input" : layer === last ? "output" : "hidden";
    const slot = folded && layer === last ? i + 1 : i;
    return {
      layer,
      kind,
      nodes: layer < 0 ? inputsFirst(made, shown) : Array.from({ length: shown }, (_, j) => j),
      more: all - shown,
      x: (slot + 0.5) * step,
    };
  });
  const tallest = Math.max(...columns.map(({ nodes, more }) => nodes.length + (more ? 0.6 : 0)));
  const roomy = Math.min(step * 0.5, 460 / tallest - 18);
  const size = Math.round(Math.max(26, Math.min(room > 900 ? 60 : 46, roomy)));
  const gap = tallest > 7 ? 16 : 24;
  return { columns, size, width, height: HEAD + tallest * (size + gap) + 12, step, gap, folded };
}

/**
 * So many inputs, of which the plane's are never folded away.
 * @param {Made} made
 * @param {number} n
 */
function inputsFirst(made, n) {
  const axes = axisFeatures(made).filter((place) => place >= n);
  const others = made.features.map((_, place) => place).filter((place) => !axes.includes(place));
  return [...new Set(axes), ...others].slice(0, n);
}

/**
 * The upper edge of the n-th shown node of a column.
 * @param {Layout} layout
 * @param {Column} column
 * @param {number} n
 */
export function topOf(layout, column, n) {
  const rows = column.nodes.length + (column.more ? 0.6 : 0);
  const room = layout.height - HEAD - 12;
  return HEAD + (room - rows * (layout.size + layout.gap)) / 2 + n * (layout.size + layout.gap);
}

/**
 * The place of a node's picture among those of a frame, or -1.
 * @param {Made} made
 * @param {number} layer
 * @param {number} node
 */
export function pictureIndex(made, layer, node) {
  if (node >= made.layers[layer].drawn) return -1;
  return made.layers.slice(0, layer).reduce((sum, { drawn }) => sum + drawn, node);
}
