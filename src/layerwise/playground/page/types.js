// The messages between page and server, and what the page keeps of them, as types.

/** @typedef {Record<string, string | number>} Choices */

/** @typedef {{name: string, options?: string[], task?: string}} DatasetEntry */
/** @typedef {{name: string, formula?: string, source?: string, output?: string}} Entry */
/** @typedef {{name: string, kind: string, reason?: string}} TableColumn */
/** @typedef {{name?: string, columns: TableColumn[], rows: number, target: string, notes?: string[]}} TableFacts */
/**
 * @typedef {object} ModelColumn
 * @property {string} name
 * @property {string} kind
 * @property {number} [low]
 * @property {number} [high]
 * @property {number | string} [typical]
 * @property {string[]} [values]
 */
/**
 * @typedef {object} ModelFacts
 * @property {ModelColumn[]} columns
 * @property {string} target
 * @property {string[] | null} classes
 * @property {Record<string, string | number | null>} row
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
 * @property {(Entry | string)[]} normalizations
 * @property {(Entry | string)[]} initializations
 * @property {{layers: number, nodes: number, rows: number, bytes: number}} limits
 * @property {Choices} defaults
 * @property {TableFacts | null} table
 * @property {ModelFacts | null} model
 * @property {"page" | "teacher" | "student"} role
 */

/** @typedef {{kind: "classes" | "number", classes: string[], target: string, score?: string}} Task */
/** @typedef {{name: string, low: number, high: number, typical: number, words?: string}} Input */
/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {number} fan_in
 * @property {string[]} nodes
 * @property {string} activation
 * @property {string} formula
 * @property {boolean} [residual]
 * @property {string | null} [normalization]
 * @property {number} [dropout]
 */
/**
 * @typedef {object} DrawnRows
 * @property {number[]} x
 * @property {number[]} y
 * @property {number[]} target
 * @property {number[]} test
 * @property {number[]} row
 * @property {number} [n_train]
 * @property {number} [n_test]
 */
/**
 * @typedef {object} Made
 * @property {boolean} kept
 * @property {Choices} choices
 * @property {Task} task
 * @property {Input[]} inputs
 * @property {number[]} plane
 * @property {number} grid
 * @property {Layer[]} layers
 * @property {number} parameters
 * @property {DrawnRows} rows
 * @property {{weights: number[][], biases: number[][]}} vector
 */

/** @typedef {{name: "forward" | "loss" | "backward" | "update", layer?: number}} Phase */
/** @typedef {Int8Array | Uint8Array | Float32Array} Numbers */
/**
 * @typedef {object} Header
 * @property {number} frame
 * @property {number} step
 * @property {number} epoch
 * @property {boolean} playing
 * @property {boolean} done
 * @property {(number | null)[]} loss
 * @property {(number | null)[]} score
 * @property {number} rate
 * @property {number} steps_per_second
 * @property {Phase | null} phase
 * @property {number[]} dead
 * @property {number[]} gradient
 * @property {number[][] | null} confusion
 * @property {{row: number | null, x: number, y: number, target: number | null, loss: number | null} | null} [point]
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
/** @typedef {{question: Question, anchor: Element, pinned: boolean}} Asked */
/** @typedef {{name: string, value: number}} NamedValue */
/**
 * @typedef {object} Prediction
 * @property {NamedValue[]} results
 * @property {{column: string, value: number}[]} contributions
 * @property {number} [baseline]
 * @property {NamedValue[] | null} before
 */
/** @typedef {{name: string, epoch: number, loss: number | null, lesson?: string | null}} Person */
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
 * @property {{text: string, closes?: boolean}} trouble
 * @property {{lesson: string}} lesson
 * @property {{people: Person[]}} people
 * @property {{choices: Choices}} address
 * @property {boolean} connected
 * @property {string} theme
 * @property {Run[]} runs
 * @property {Asked | null} question
 */

export {};
