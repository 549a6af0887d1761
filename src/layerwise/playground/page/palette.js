// Colours that can be told apart by every kind of eye, for a light page and a dark one.
//
// Okabe and Ito 2008, "Color Universal Design": blue against orange for two sides, and beyond them
// colours that differ in lightness too. Where classes are more than two, a point's shape says it again.

const LIGHT = {
  ground: [255, 255, 255],
  ink: "#1d2329",
  faint: "#dfe3e7",
  muted: "#626c77",
  classes: [
    "#d55e00",
    "#0072b2",
    "#009e73",
    "#cc79a7",
    "#b38600",
    "#56b4e9",
    "#7a1fe0",
    "#66331a",
    "#1d2329",
    "#8a939d",
  ],
};
const DARK = {
  ground: [24, 28, 33],
  ink: "#e8eaed",
  faint: "#343b43",
  muted: "#a4adb7",
  classes: [
    "#e69f00",
    "#56b4e9",
    "#12b886",
    "#dd92bb",
    "#f0e442",
    "#3d8fd1",
    "#a97bff",
    "#c98560",
    "#e8eaed",
    "#8a939d",
  ],
};

export const prefersDark = matchMedia("(prefers-color-scheme: dark)");

/** @returns {boolean} */
export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : prefersDark.matches;
}

let family = "";

/** The font of the page, for what is written on a canvas. @param {number} size */
export function font(size) {
  family ||= getComputedStyle(document.body).fontFamily;
  return `${size}px ${family}`;
}

export function palette() {
  return isDark() ? DARK : LIGHT;
}

/** The colour of values above 0, and of those below. */
export function sides() {
  const { classes } = palette();
  return { above: classes[1], below: classes[0] };
}

/** @param {number} k */
export function classColour(k) {
  const { classes } = palette();
  return classes[k % classes.length];
}

/**
 * @param {string} hex
 * @returns {number[]}
 */
export function rgb(hex) {
  return [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
}

/**
 * A colour for each of 255 values, from the one for -1 over the ground at 0 to the one for 1.
 * @param {string} below
 * @param {string} above
 * @param {number[]} ground
 * @returns {Uint8ClampedArray} 255 times red, green, blue
 */
function blends(below, above, ground) {
  const table = new Uint8ClampedArray(255 * 3);
  const ends = [rgb(below), rgb(above)];
  for (let i = 0; i < 255; i += 1) {
    const share = (i - 127) / 127;
    const end = ends[share < 0 ? 0 : 1];
    const strength = Math.abs(share) ** 0.85;
    for (let c = 0; c < 3; c += 1) table[3 * i + c] = ground[c] + strength * (end[c] - ground[c]);
  }
  return table;
}

/** @type {Map<boolean, Uint8ClampedArray>} */
const made = new Map();

/** The blue and orange scale of pictures of nodes; entry 127 is 0. */
export function twoSides() {
  const dark = isDark();
  let table = made.get(dark);
  if (!table) {
    const { above, below } = sides();
    table = blends(below, above, palette().ground);
    made.set(dark, table);
  }
  return table;
}

/** @typedef {(context: CanvasRenderingContext2D, x: number, y: number, r: number) => void} Shape */

/**
 * A polygon around (x, y): its corners' angles in turns and radii.
 * @param {[number, number][]} corners
 * @returns {Shape}
 */
const polygon = (corners) => (context, x, y, r) => {
  corners.forEach(([turn, radius], i) => {
    const angle = 2 * Math.PI * (turn - 0.25);
    const point = [x + radius * r * Math.cos(angle), y + radius * r * Math.sin(angle)];
    if (i === 0) context.moveTo(point[0], point[1]);
    else context.lineTo(point[0], point[1]);
  });
  context.closePath();
};
/** @param {number} n @param {number} radius @param {number} turn @returns {Shape} */
const regular = (n, radius, turn = 0) => polygon(Array.from({ length: n }, (_, i) => [turn + i / n, radius]));
/** @param {number} n @param {number} inner @param {number} turn @returns {Shape} */
const star = (n, inner, turn = 0) =>
  polygon(Array.from({ length: 2 * n }, (_, i) => [turn + i / (2 * n), i % 2 ? inner : 1.35]));

/** @type {Shape[]} of classes 0, 1, 2, ... */
const SHAPES = [
  (context, x, y, r) => context.arc(x, y, r, 0, 2 * Math.PI),
  regular(4, 1.25, 1 / 8),
  regular(3, 1.4),
  regular(4, 1.35),
  star(5, 0.6),
  regular(3, 1.4, 0.5),
  star(4, 0.5),
  regular(6, 1.15),
  star(4, 0.5, 1 / 8),
  regular(5, 1.2),
];

/** @param {number} k @returns {Shape} */
export function classShape(k) {
  return SHAPES[k % SHAPES.length];
}

/**
 * A class's mark as a small picture for words beside it.
 * @param {number} k
 */
export function classMark(k) {
  const canvas = document.createElement("canvas");
  canvas.className = "mark";
  canvas.width = canvas.height = 28;
  const context = canvas.getContext("2d");
  if (context) {
    context.fillStyle = classColour(k);
    context.beginPath();
    classShape(k)(context, 14, 14, 9);
    context.fill();
  }
  return canvas;
}
