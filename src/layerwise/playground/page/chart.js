// A small chart of lines on a canvas: axes with round numbers, lines with gaps.

import { font, palette } from "./palette.js";

/** @typedef {{x: number[], y: number[], colour: string, dash?: number[], width?: number}} Line */
/** @typedef {{low: number, high: number, log: boolean}} Axis */

const LEFT = 46;
const BOTTOM = 22;
const TOP = 8;
const RIGHT = 10;

/**
 * Round numbers along an axis.
 * @param {Axis} axis
 * @param {number} most
 * @returns {number[]}
 */
function ticks({ low, high, log }, most) {
  if (log) {
    const from = Math.floor(Math.log10(low));
    const powers = Math.ceil(Math.log10(high)) - from + 1;
    const steps = powers > 3 ? [1] : [1, 2, 5];
    const every = Math.max(1, Math.ceil(powers / most / 2));
    return Array.from({ length: powers }, (_, i) => 10 ** (from + i))
      .filter((_, i) => i % every === 0)
      .flatMap((power) => steps.map((step) => step * power))
      .filter((value) => value >= low && value <= high);
  }
  const rough = (high - low) / most || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

/**
 * The least and the most of lines, with some room.
 * @param {number[][]} values
 * @param {boolean} log
 * @returns {Axis}
 */
export function axisOf(values, log) {
  let low = Infinity;
  let high = -Infinity;
  for (const line of values) {
    for (const value of line) {
      if (!Number.isFinite(value) || (log && value <= 0)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return { low: log ? 0.1 : 0, high: 1, log };
  if (log) return { low: low / 1.15, high: Math.max(high * 1.15, low * 1.5), log };
  return { low: low - 0.04 * (high - low || 1), high: high + 0.04 * (high - low || 1), log };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Line[]} lines
 * @param {Axis} x
 * @param {Axis} y
 * @param {(value: number) => string} [write]  a number of the y axis
 */
export function drawChart(canvas, lines, x, y, write = plain) {
  const context = canvas.getContext("2d");
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!context || !width) return;
  const density = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * density) || canvas.height !== Math.round(height * density)) {
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
  }
  const { muted, faint } = palette();
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = font(11);
  context.fillStyle = muted;
  context.strokeStyle = faint;
  context.lineWidth = 1;
  /** @param {number} value */
  const toX = (value) => LEFT + along(x, value) * (width - LEFT - RIGHT);
  /** @param {number} value */
  const toY = (value) => TOP + (1 - along(y, value)) * (height - TOP - BOTTOM);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of ticks(y, 4)) {
    context.beginPath();
    context.moveTo(LEFT, toY(value));
    context.lineTo(width - RIGHT, toY(value));
    context.stroke();
    context.fillText(write(value), LEFT - 6, toY(value));
  }
  context.textBaseline = "top";
  context.textAlign = "center";
  for (const value of ticks(x, Math.max(2, Math.floor(width / 90)))) {
    context.fillText(plain(value), toX(value), height - BOTTOM + 6);
  }
  context.save();
  context.beginPath();
  context.rect(LEFT, 0, width - LEFT - RIGHT + 2, height - BOTTOM + 2);
  context.clip();
  context.lineJoin = "round";
  for (const line of lines) {
    context.beginPath();
    context.strokeStyle = line.colour;
    context.lineWidth = line.width ?? 2;
    context.setLineDash(line.dash ?? []);
    let pen = false;
    for (let i = 0; i < line.x.length; i += 1) {
      const value = line.y[i];
      const good = Number.isFinite(value) && (!y.log || value > 0);
      if (good) context[pen ? "lineTo" : "moveTo"](toX(line.x[i]), toY(value));
      pen = good;
    }
    context.stroke();
  }
  context.restore();
}

/** A round number with the digits that it has. @param {number} value */
function plain(value) {
  if (value !== 0 && Math.abs(value) < 1e-4) return Number(value.toPrecision(3)).toExponential().replaceAll("-", "−");
  return Number(value.toPrecision(6)).toLocaleString("en-US", { maximumFractionDigits: 4 }).replace("-", "−");
}

/** @param {Axis} axis @param {number} value */
function along({ low, high, log }, value) {
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low || 1);
}
