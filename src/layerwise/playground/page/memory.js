// What the browser keeps of a visitor's choices; in some frames it keeps nothing.

/** @param {string} name */
export function recall(name) {
  try {
    return localStorage.getItem(`layerwise-${name}`);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
export function remember(name, value) {
  try {
    localStorage.setItem(`layerwise-${name}`, value);
  } catch {
    // It is chosen for this visit only.
  }
}
