// Markup from the server as elements: only what formulas need, whatever came.

const TAGS = new Set([
  "B",
  "I",
  "BR",
  "DIV",
  "EM",
  "H2",
  "H3",
  "H4",
  "LI",
  "OL",
  "P",
  "SPAN",
  "STRONG",
  "SUB",
  "SUP",
  "TABLE",
  "TBODY",
  "TD",
  "TH",
  "THEAD",
  "TR",
  "UL",
]);

/**
 * @param {string} markup
 * @returns {DocumentFragment}
 */
export function safeMarkup(markup) {
  const fragment = document.createDocumentFragment();
  copy(new DOMParser().parseFromString(markup, "text/html").body, fragment);
  return fragment;
}

/**
 * @param {Node} from
 * @param {Node} to
 */
function copy(from, to) {
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) to.appendChild(document.createTextNode(child.textContent ?? ""));
    if (!(child instanceof Element) || !TAGS.has(child.tagName)) continue;
    const element = document.createElement(child.tagName);
    if (child.className) element.className = child.className;
    copy(child, element);
    to.appendChild(element);
  }
}
