// A binary frame: a JSON header, then arrays, each beginning at a multiple of 8 bytes.

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Header} Header */

const KINDS = { i1: Int8Array, u1: Uint8Array, f4: Float32Array };

/**
 * Read a frame; its arrays are views of the message, nothing is copied.
 * @param {ArrayBuffer} buffer
 * @returns {Frame}
 */
export function readFrame(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const text = new TextDecoder().decode(new Uint8Array(buffer, 4, length));
  /** @type {Header} */
  const header = JSON.parse(text);
  /** @type {Frame} */
  const frame = { header, shapes: {}, arrays: {} };
  let start = 4 + length;
  for (const [name, kind, shape] of header.arrays) {
    start = Math.ceil(start / 8) * 8;
    const size = shape.reduce((product, side) => product * side, 1);
    const Kind = KINDS[/** @type {keyof typeof KINDS} */ (kind)];
    frame.arrays[name] = new Kind(buffer, start, size);
    frame.shapes[name] = shape;
    start += size * Kind.BYTES_PER_ELEMENT;
  }
  return frame;
}

/**
 * An array of floats of a frame, or none.
 * @param {Frame} frame
 * @param {string} name
 * @returns {Float32Array | null}
 */
export function floats(frame, name) {
  const array = frame.arrays[name];
  return array instanceof Float32Array ? array : null;
}
