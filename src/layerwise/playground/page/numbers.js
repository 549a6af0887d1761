// Numbers as people read them.

/**
 * Three digits that count, with a real minus sign.
 * @param {number | null | undefined} value
 * @param {number} [digits]
 */
export function short(value, digits = 3) {
  if (value === null || value === undefined) return "–";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) {
    const [mantissa, power] = value.toExponential(1).split("e");
    return `${mantissa}e${Number(power)}`.replaceAll("-", "−");
  }
  return (size < 10 ** digits ? value.toPrecision(digits) : value.toFixed(0)).replace("-", "−");
}

/** @param {number | null | undefined} value */
export function percent(value) {
  return value === null || value === undefined || Number.isNaN(value) ? "–" : `${(100 * value).toFixed(1)} %`;
}

/** @param {number} value */
export function whole(value) {
  return Math.round(value).toLocaleString("en-US");
}
