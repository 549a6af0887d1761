// The state in the address: what differs from the defaults, as #key=value&...

/** @typedef {import("./types.js").Choices} Choices */

/**
 * Write choices as the part of the address behind "#".
 * @param {Choices} choices
 * @param {Choices} defaults
 * @param {string | null} lesson  the open lesson's name
 */
export function toHash(choices, defaults, lesson) {
  const written = new URLSearchParams();
  if (lesson) written.set("lesson", lesson);
  for (const [key, value] of Object.entries(choices)) {
    if (String(value) !== String(defaults[key] ?? "")) written.set(key, String(value));
  }
  // Commas, colons and semicolons are allowed there and are easier to read.
  return `#${written}`.replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%3B/g, ";");
}

/**
 * Read the part of the address behind "#".
 * @param {string} hash
 * @returns {{choices: Choices, lesson: string | null}}
 */
export function fromHash(hash) {
  /** @type {Choices} */
  const choices = {};
  let lesson = null;
  for (const [key, value] of new URLSearchParams(hash.replace(/^#/, ""))) {
    if (!hash.includes("=")) break; // the name of a place on the page
    if (key === "lesson") lesson = value;
    else choices[key] = value;
  }
  return { choices, lesson };
}

/**
 * Names joined by commas, each percent-encoded.
 * @param {string[]} names
 */
export function joinNames(names) {
  return names.map(encodeURIComponent).join(",");
}

/**
 * @param {string | number | undefined} text
 * @returns {string[]}
 */
export function splitNames(text) {
  return text ? String(text).split(",").map(decoded) : [];
}

/** A name from an address, as it stands where it is not well written. @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * @typedef {object} LayerChoice
 * @property {number} nodes
 * @property {string} activation
 * @property {number} dropout
 * @property {string} normalization  "": as the whole network has it
 * @property {boolean} residual  false: as the whole network has it
 */

/**
 * Hidden layers from "8:tanh,8:relu:0.1:batch+residual".
 * @param {string | number | undefined} text
 * @returns {LayerChoice[]}
 */
export function parseLayers(text) {
  if (text === undefined || text === "") return [];
  return String(text)
    .split(",")
    .map((part) => {
      const [nodes, activation = "", dropout = "0", more = ""] = part.split(":");
      const extras = more.split("+");
      return {
        nodes: Number(nodes),
        activation,
        dropout: Number(dropout),
        normalization: extras.find((extra) => extra && extra !== "residual") ?? "",
        residual: extras.includes("residual"),
      };
    });
}

/** @param {LayerChoice[]} layers */
export function writeLayers(layers) {
  return layers
    .map(({ nodes, activation, dropout, normalization, residual }) => {
      const more = [normalization, residual ? "residual" : ""].filter(Boolean).join("+");
      const parts = [String(nodes), activation, String(dropout), more];
      while (["", "0"].includes(parts[parts.length - 1])) parts.pop();
      return parts.join(":");
    })
    .join(",");
}
