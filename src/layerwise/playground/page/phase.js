// How far a step has come that is taken one layer at a time.

import { layerName } from "./names.js";
import { t } from "./words.js";

/** @typedef {import("./types.js").Phase} Phase */
/** @typedef {import("./types.js").Made} Made */

/**
 * The last layer whose values are computed, and the first whose gradients are.
 * @param {Phase | null | undefined} phase
 * @returns {{values: number, gradients: number}}
 */
export function reached(phase) {
  if (phase?.name === "forward") return { values: phase.layer, gradients: Infinity };
  if (phase?.name === "loss") return { values: Infinity, gradients: Infinity };
  if (phase?.name === "backward") return { values: Infinity, gradients: phase.layer };
  return { values: Infinity, gradients: 0 };
}

/**
 * What happens at a phase, in words.
 * @param {Made} made
 * @param {Phase} phase
 */
export function phaseWords(made, phase) {
  const part = t("phase.part", { part: phase.part, parts: phase.parts });
  return `${part}. ${t(`phase.${phase.name}`, { layer: layerName(made, phase.layer) })}`;
}
