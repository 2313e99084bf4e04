import { CallFailed } from './calls.js';

/** @param {string} text @param {'progress' | 'success' | 'failure'} [kind] */
export function tell(text, kind = 'progress') {
  const notice = /** @type {HTMLElement} */ (document.getElementById('notice'));
  notice.textContent = text;
  notice.dataset['kind'] = kind;
  notice.hidden = false;
}

/** @param {unknown} error */
export function tellFailure(error) {
  tell(inWords(error), 'failure');
}

/** What went wrong, for the user. @param {unknown} error */
function inWords(error) {
  if (!(error instanceof CallFailed)) return error instanceof Error ? error.message : String(error);
  if (error.errorName === 'EmailNotVerifiedException') {
    return 'Open the link in the e-mail we sent you, then sign in again.';
  }
  if (error.status === 403) return 'This account is on hold.';
  if (error.resetAt !== undefined) {
    return `Too many unpaid payments. Try again at ${error.resetAt.toLocaleTimeString()}.`;
  }
  return error.message;
}
