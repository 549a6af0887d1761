// The lessons in English: a title, three sentences, and a task.

/** @typedef {{title: string, chapter: string, sentences: string[], task: string}} LessonWords */

/** @type {Record<string, LessonWords>} */
export const LESSONS_ENGLISH = {
  perceptron: {
    title: "A perceptron and a line",
    chapter: "2. The perceptron",
    sentences: [
      "Each output node multiplies the inputs by its weights, adds the products up and adds its bias; the class with the larger sum wins.",
      "Where the two sums are equal there is a straight line, and a network without hidden layers can draw nothing else.",
      "Click an output node and move its weights and its bias: the line turns and shifts at once.",
    ],
    task: "Without pressing Play, set the weights by hand so that at least 90 % of the points are right.",
  },
  xor: {
    title: "XOR, and why one layer is needed",
    chapter: "2. The perceptron",
    sentences: [
      "Two opposite corners are of one class, the other two of the other: no straight line parts them.",
      "Press Play: without a hidden layer the network stays near half of the points right, and Minsky and Papert proved in 1969 that it must fail.",
      "The nodes of a hidden layer draw a line each, and the output puts these lines together.",
    ],
    task: "Add a hidden layer with the + above the network, and train until 95 % of the test points are right.",
  },
  counting: {
    title: "Counting 3-4-4-1",
    chapter: "3. The network",
    sentences: [
      "This is the network 3-4-4-1: three inputs, two hidden layers of four nodes each, one output.",
      "Each line is a weight, so between two layers there are as many as nodes on the left times nodes on the right.",
      "Each node that computes something also has a bias; weights and biases together are the parameters, the numbers that are learned.",
    ],
    task: "How many parameters are there? Count them and type the number.",
  },
  linear: {
    title: "No activation, no curve",
    chapter: "5. Activation functions",
    sentences: [
      "Both hidden layers pass on their sums as they are: their activation is the identity.",
      "Sums of sums are sums again, so the border stays a straight line however many such layers there are.",
      "A function that bends, such as tanh or ReLU, is what makes several layers worth more than one.",
    ],
    task: "Keep two hidden layers, give them another activation, and train until 95 % of the test points are right.",
  },
  depth: {
    title: "How deep?",
    chapter: "6. How deep?",
    sentences: [
      "Two spirals wound into one another are hard for one small hidden layer.",
      "More layers can build on what those before have found, but there is more to learn, and gradients have further to travel.",
      "The same seed gives the same points and the same split, so that only the depth differs.",
    ],
    task: "Train one hidden layer for at least 100 epochs and press Keep; do the same with 4 hidden layers or more, and compare the curves.",
  },
  backpropagation: {
    title: "Backpropagation by hand",
    chapter: "8. Backpropagation",
    sentences: [
      "A step begins forward: layer by layer the nodes are computed, up to the loss.",
      "Then it goes backward: the chain rule multiplies the slopes from the loss to a weight, and the product is that weight’s gradient.",
      "At the end each weight moves a little against its gradient; click a line to see the product with its numbers.",
    ],
    task: "With the Step button, one layer at a time, go through a whole step: forward, loss, backward, update.",
  },
  softmax: {
    title: "Softmax and −ln p",
    chapter: "9. Softmax and -ln(p)",
    sentences: [
      "The output nodes give scores; softmax takes e to the power of each and divides by their sum, and they are probabilities.",
      "A row’s loss is −ln p, with p the probability of its right class: 0 if the network is sure and right, and without bound if it is sure and wrong.",
      "Click points on the plane, and read under “One point’s way” how their loss comes about.",
    ],
    task: "Find a point whose loss is above 1, then train until the loss of this point is below 0.1.",
  },
  table: {
    title: "Your own table",
    chapter: "10. From here to a real table",
    sentences: [
      "Your own table goes the same way: its columns become numbers, and one of them is predicted from the others.",
      "Drop a file on the page or paste cells from a spreadsheet, or take the penguins of Palmer Station.",
      "Nothing is learned from the test rows, so their loss says how well the network does on rows that it has never seen.",
    ],
    task: "Bring a table, choose what to predict, and train until the test loss is half of what it was at first.",
  },
};
