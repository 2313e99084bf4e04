import { jsonOf } from './json.js';
import { surroundings } from './surroundings.js';
import { byId } from './view.js';

/**
 * An e-mail that Firebase would have sent; its emulator keeps it instead.
 * @typedef {{ email: string, requestType: string, oobCode: string, oobLink: string }} Mail
 */

/**
 * Shows the newest e-mail of each kind to an address that was not followed yet; none without one.
 * @param {string | undefined} email
 * @param {(code: string, password: string) => void} onNewPassword
 */
export async function showMails(email, onNewPassword) {
  const mails = email === undefined ? [] : await mailsTo(email.toLowerCase());
  byId('mails').hidden = mails.length === 0;
  byId('mail-list').replaceChildren(...mails.map((mail) => item(mail, onNewPassword)));
}

/** @param {string} email */
async function mailsTo(email) {
  const { authUrl, projectId } = surroundings;
  const answer = await fetch(`${authUrl}/emulator/v1/projects/${projectId}/oobCodes`);
  /** @type {{ oobCodes: Mail[] }} */
  const { oobCodes } = await jsonOf(answer);
  const theirs = oobCodes.filter((mail) => mail.email.toLowerCase() === email);
  return [...new Map(theirs.map((mail) => [mail.requestType, mail])).values()];
}

/** @param {Mail} mail @param {(code: string, password: string) => void} onNewPassword */
function item({ email, requestType, oobCode, oobLink }, onNewPassword) {
  const shown = document.createElement('li');
  const isReset = requestType === 'PASSWORD_RESET';
  shown.append(isReset ? newPassword(oobCode, onNewPassword) : link(oobLink), ` To ${email}.`);
  return shown;
}

/** @param {string} href */
function link(href) {
  const shown = document.createElement('a');
  Object.assign(shown, { href, target: '_blank', rel: 'noopener' });
  shown.textContent = 'Verify your e-mail address.';
  return shown;
}

/**
 * The page that the link of the e-mail would lead to.
 * @param {string} code
 * @param {(code: string, password: string) => void} onNewPassword
 */
function newPassword(code, onNewPassword) {
  const form = document.createElement('form');
  form.innerHTML = `<label>New password
    <input name="new-password" type="password" autocomplete="new-password" minlength="6" required />
  </label><div class="row"><button>Set the new password</button></div>`;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem('new-password'));
    onNewPassword(code, field.value);
  });
  return form;
}
