/** @param {string} id of an element of `index.html` @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

/** What was chosen or typed in a form. @param {string} formId @param {string} name */
export function valueIn(formId, name) {
  const value = new FormData(/** @type {HTMLFormElement} */ (byId(formId))).get(name);
  return typeof value === 'string' ? value : '';
}

/** Fills a list of choices. @param {string} id @param {readonly { value: string, title: string }[]} choices */
export function fill(id, choices) {
  byId(id).replaceChildren(...choices.map(({ value, title }) => new Option(title, value)));
}

let underWay = 0;

/**
 * Does something during which nothing else can be started.
 * @param {() => Promise<void>} act
 * @param {(error: unknown) => void} onFailure
 */
export async function busyWith(act, onFailure) {
  try {
    setBusy((underWay += 1));
    await act();
  } catch (error) {
    onFailure(error);
  } finally {
    setBusy((underWay -= 1));
  }
}

/** @param {number} count of what is under way */
function setBusy(count) {
  document.body.ariaBusy = String(count > 0);
  for (const button of document.querySelectorAll('button')) button.disabled = count > 0;
}
