/** @param {string} id of an element of `index.html` @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

/** @param {string} id @returns {HTMLFormElement} */
export function formOf(id) {
  return /** @type {HTMLFormElement} */ (byId(id));
}

/** What was chosen or typed in a form. @param {string} formId @param {string} name */
export function valueIn(formId, name) {
  const value = new FormData(formOf(formId)).get(name);
  return typeof value === 'string' ? value : '';
}

/** Fills a list of choices. @param {string} id @param {readonly { value: string, title: string }[]} choices */
export function fill(id, choices) {
  byId(id).replaceChildren(...choices.map(({ value, title }) => new Option(title, value)));
}

/**
 * Makes a button for each of a list.
 * @template {{ title: string }} T
 * @param {string} id of the place
 * @param {readonly T[]} list
 * @param {(one: T) => void} onPress
 */
export function buttonsOf(id, list, onPress) {
  const buttons = list.map((one) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = one.title;
    button.addEventListener('click', () => {
      onPress(one);
    });
    return button;
  });
  byId(id).replaceChildren(...buttons);
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
