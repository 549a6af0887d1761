// The messages between page and server, and what the page keeps of them, as types.

/** @typedef {Record<string, string | number>} Choices */

/** @typedef {{name: string, options: string[], task: string, most: number}} DatasetEntry */
/** @typedef {{name: string, formula: string, source?: string, task?: string, smoothing?: boolean, rate?: number | null}} Entry */
/** @typedef {{name: string, kind: string, reason?: string}} TableColumn */
/** @typedef {{name: string, columns: TableColumn[], rows: number, target: string, notes: string[]}} TableFacts */
/**
 * @typedef {object} ModelColumn
 * @property {string} name
 * @property {string} kind
 * @property {number | string | null} low
 * @property {number | string | null} high
 * @property {number | string} typical
 * @property {string[]} values
 * @property {boolean} whole
 */
/**
 * @typedef {object} ModelFacts
 * @property {ModelColumn[]} columns
 * @property {string} target
 * @property {string[] | null} classes
 * @property {Record<string, string | number>} row
 * @property {number} networks
 */
/**
 * @typedef {object} Welcome
 * @property {string} page
 * @property {string} version
 * @property {DatasetEntry[]} datasets
 * @property {Entry[]} activations
 * @property {Entry[]} optimizers
 * @property {Entry[]} schedules
 * @property {Entry[]} losses
 * @property {string[]} normalizations
 * @property {string[]} initializations
 * @property {{layers: number, layers_drawn: number, nodes: number, nodes_drawn: number, rows: number, points: number,
 *   point_classes: number, extent: number, grid: number}} limits
 * @property {Choices} defaults
 * @property {TableFacts | null} table
 * @property {ModelFacts | null} model
 * @property {"page" | "teacher" | "student"} role
 */

/**
 * @typedef {object} Task
 * @property {"classes" | "number"} kind
 * @property {string[]} classes
 * @property {string} target
 * @property {{name: string, formula: string}} loss
 */
/**
 * One number or code that the network gets: what codes stand for; what numbers are in the table.
 * @typedef {{name: string, low: number, high: number, typical: number, values: string[], marks: string[]}} Input
 */
/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {number} fan_in
 * @property {number} nodes
 * @property {number} drawn  of how many pictures come
 * @property {string} activation
 * @property {string} formula
 * @property {boolean} residual
 * @property {string} normalization
 * @property {number} dropout
 */
/**
 * @typedef {object} DrawnRows
 * @property {number[]} x
 * @property {number[]} y
 * @property {number[]} target
 * @property {number[]} test
 * @property {number[]} row
 */
/**
 * @typedef {object} Made
 * @property {boolean} kept
 * @property {Choices} choices
 * @property {Task} task
 * @property {Input[]} inputs
 * @property {string[]} features  names of what the first layer gets
 * @property {TableColumn[]} columns
 * @property {number[]} plane  the inputs that are its axes; the same twice where there is one
 * @property {number[]} held  what each input is held at
 * @property {number} grid
 * @property {Layer[]} layers
 * @property {number} parameters
 * @property {DrawnRows} rows
 * @property {number} n_train
 * @property {number} n_test
 * @property {number} steps_per_epoch
 * @property {{weights: number[][], biases: number[][]}} vector
 */

/** @typedef {{name: "forward" | "loss" | "backward" | "update", layer: number, part: number, parts: number}} Phase */
/** @typedef {Int8Array | Uint8Array | Float32Array} Numbers */
/**
 * @typedef {object} Header
 * @property {number} frame
 * @property {number} step
 * @property {number} epoch
 * @property {number} into_epoch  steps
 * @property {boolean} playing
 * @property {string} stopped  why there is no step left; "" while there is
 * @property {(number | null)[]} loss
 * @property {(number | null)[]} score
 * @property {number} rate
 * @property {number} steps_per_second
 * @property {Phase | null} phase
 * @property {(number | null)[] | null} dead
 * @property {(number | null)[]} gradient  its length in each layer; null: no step was taken yet
 * @property {number[][] | null} confusion
 * @property {number | null} [row]  of the followed point
 * @property {[string, string, number[]][]} arrays
 */
/** @typedef {{header: Header, shapes: Record<string, number[]>, arrays: Record<string, Numbers>}} Frame */

/** @typedef {{row: number} | {x: number, y: number}} Point */
/**
 * @typedef {{what: "node", layer: number, node: number}
 *   | {what: "weight", layer: number, from: number | null, to: number}
 *   | {what: "output"}} Question
 */
/** @typedef {{asked: Question, html: string}} Formula */
/** A node or line that is pointed at; pinned: it stays when the pointer goes. */
/** @typedef {{question: Question, anchor: Element, pinned: boolean, at?: {x: number, y: number}}} Asked */
/** @typedef {{name: string, value: number}} NamedValue */
/** @typedef {Record<string, string | number>} Cells */
/** @typedef {{results: NamedValue[], cells: Cells}} Prediction */
/** @typedef {{of: string, contributions: {column: string, value: number}[], cells: Cells}} Reasons */
/** @typedef {{name: string, epoch: number, loss: number | null, layers: string, data: string, lesson: string}} Person */
/** @typedef {{name: string, choices: Choices, curve: number[][], shown: boolean}} Run */

/**
 * What may happen on the page, and what listeners are given with it.
 * @typedef {object} Events
 * @property {Welcome} welcome
 * @property {Made} made
 * @property {Frame} frame
 * @property {string} language
 * @property {Point | null} point
 * @property {Formula} formula
 * @property {{text: string}} code
 * @property {Prediction} prediction
 * @property {Reasons} reasons
 * @property {{text: string, closes?: boolean}} trouble
 * @property {{lesson: string}} lesson
 * @property {{people: Person[]}} people
 * @property {{choices: Choices}} address
 * @property {boolean} connected
 * @property {object} preparing  a table, for which the next answers wait
 * @property {string} theme
 * @property {Run[]} runs
 * @property {Asked | null} question
 * @property {boolean} lessonDone
 */

export {};
