// Numbers that change 30 times a second cannot be read, and cost the page its time.

const PAUSE = 120; // ms

/**
 * Do something at most some times a second, the last time included.
 * @param {() => void} act
 * @returns {() => void}
 */
export function calmly(act) {
  let waiting = false;
  let last = -PAUSE;
  return () => {
    if (waiting) return;
    const run = () => {
      waiting = false;
      last = performance.now();
      act();
    };
    const left = last + PAUSE - performance.now();
    if (left <= 0) run();
    else {
      waiting = true;
      setTimeout(run, left);
    }
  };
}
