// The lessons: what each begins with, and how the page can tell that its task is done.

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Choices} Choices */
/** What a lesson has seen so far. @typedef {Record<string, number | boolean | string>} Seen */
/**
 * @typedef {object} Lesson
 * @property {string} name  also in the address
 * @property {Choices} choices  that differ from the defaults
 * @property {"phase" | "step"} [unit]  of the step button
 * @property {boolean} [asks]  a number is to be typed
 * @property {(app: App, seen: Seen) => boolean} isDone  looked at after each frame
 */

const RIGHT = 0.95; // of the rows

/** @param {App} app */
const depth = (app) => (app.made ? app.made.layers.length - 1 : 0);

/** The share of rows that are right: of test rows, or where there are none of training rows. @param {App} app */
function right(app) {
  const score = app.frame?.header.score;
  return score?.[1] ?? score?.[0] ?? 0;
}

/** @type {Lesson[]} */
export const LESSONS = [
  {
    name: "perceptron",
    choices: { data: "line", layers: "", noise: 0, test: 0, rows: 200, seed: 5 },
    isDone: (app) => app.setByHand > 0 && app.frame?.header.step === 0 && right(app) >= 0.9,
  },
  {
    name: "xor",
    choices: { data: "xor", layers: "", noise: 0, seed: 3 },
    isDone: (app) => depth(app) > 0 && right(app) >= RIGHT,
  },
  {
    name: "counting",
    choices: { data: "triples", layers: "4:tanh,4:tanh", test: 0 },
    asks: true,
    isDone: (app, seen) => Number(seen.answer) === app.made?.parameters,
  },
  {
    name: "linear",
    choices: { data: "circles", layers: "6:identity,6:identity", noise: 0 },
    isDone: (app) => depth(app) === 2 && app.made?.choices.data === "circles" && right(app) >= RIGHT,
  },
  {
    name: "depth",
    choices: { data: "spirals", layers: "8:relu", noise: 0, seed: 1 },
    isDone: (app) => {
      const long = app.runs.filter(({ curve }) => (curve[curve.length - 1]?.[0] ?? 0) >= 100);
      const depths = long.map(({ choices }) => String(choices.layers).split(",").filter(Boolean).length);
      return depths.includes(1) && depths.some((layers) => layers >= 4);
    },
  },
  {
    name: "backpropagation",
    choices: {
      data: "plane",
      layers: "2:tanh",
      batch: 1,
      optimizer: "sgd",
      rate: 0.1,
      noise: 0,
      test: 0,
      rows: 50,
    },
    unit: "phase",
    isDone: (app, seen) => {
      const phase = app.frame?.header.phase;
      if (phase?.name === "forward" && phase.layer === 0) seen.parts = 0;
      if (phase?.name === "loss") seen.parts = 1;
      if (phase?.name === "backward" && phase.layer === 0 && seen.parts === 1) seen.parts = 2;
      return phase?.name === "update" && seen.parts === 2;
    },
  },
  {
    name: "softmax",
    choices: { data: "blobs", classes: 3, layers: "4:tanh", noise: 0.1 },
    isDone: (app, seen) => {
      const loss = app.frame?.arrays.row_loss?.[0];
      const row = app.frame?.header.row ?? null;
      if (loss === undefined || row === null) return false;
      if (loss > 1) seen.row = row;
      return seen.row === row && loss < 0.1;
    },
  },
  {
    name: "table",
    choices: { data: "blobs", classes: 3 },
    isDone: (app, seen) => {
      const header = app.frame?.header;
      if (!header || app.made?.choices.data !== "table") return false;
      const loss = header.loss[1] ?? header.loss[0] ?? NaN;
      if (header.step === 0) seen.first = loss;
      return loss < Number(seen.first) / 2;
    },
  },
];
