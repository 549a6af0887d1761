// The page's texts in Korean.

/** @type {Record<string, string>} */
export const KOREAN = {};
