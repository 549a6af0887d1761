// The language of the page: by the browser, by a switch, and every text by its key.

import { recall } from "./memory.js";
import { ENGLISH } from "./words_en.js";
import { KOREAN } from "./words_ko.js";

/** @type {Record<string, Record<string, string>>} */
const LANGUAGES = { en: ENGLISH, ko: KOREAN };

let current = "en";

/** @returns {"en" | "ko"} */
export function language() {
  return current === "ko" ? "ko" : "en";
}

export function firstLanguage() {
  const chosen = recall("language");
  return chosen ?? (navigator.language.startsWith("ko") ? "ko" : "en");
}

/**
 * The text of a key, of one thing where `n` is 1, with what stands in braces put in.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const one = values.n === 1 ? LANGUAGES[current][`${key}.one`] : undefined;
  const text = one ?? LANGUAGES[current][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/**
 * The words for a name of the engine or of a toy table, or the name itself where there are none.
 * @param {string} group
 * @param {string} name
 */
export function named(group, name) {
  const key = `${group}.${name}`;
  return LANGUAGES[current][key] ?? name;
}

/**
 * Speak a language from now on: also in what stands in the page's own file.
 * @param {string} chosen
 */
export function speak(chosen) {
  current = chosen in LANGUAGES ? chosen : "en";
  document.documentElement.lang = current;
  for (const element of document.querySelectorAll("[data-t]")) {
    element.textContent = t(element.getAttribute("data-t") ?? "");
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    const text = t(element.getAttribute("data-label") ?? "");
    element.setAttribute("aria-label", text);
    if (element.tagName === "BUTTON") element.setAttribute("title", text);
  }
}
