import { inWords } from './failures.js';
import { byId } from './view.js';

/** A success has been read by then. */
const SUCCESS_MS = 8_000;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let leaving;

/** @param {string} text @param {'progress' | 'success' | 'failure'} [kind] */
export function tell(text, kind = 'progress') {
  clearTimeout(leaving);
  const notice = byId('notice');
  byId('notice-text').textContent = text;
  notice.dataset['kind'] = kind;
  notice.hidden = false;
  if (kind === 'success') leaving = setTimeout(tellNothing, SUCCESS_MS);
}

/** Takes the notice away. */
export function tellNothing() {
  clearTimeout(leaving);
  byId('notice').hidden = true;
}

/** @param {unknown} error */
export function tellFailure(error) {
  const text = inWords(error);
  if (text !== undefined) tell(text, 'failure');
}

byId('dismiss').addEventListener('click', tellNothing);
