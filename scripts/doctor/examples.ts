import { readFileSync } from 'node:fs';

/** A setting as the example files explain it. */
export interface Setting {
  readonly name: string;
  /** What it is for, in the words of the example file. */
  readonly purpose: string;
  readonly isSecret: boolean;
}

/** Every setting there is: the variables, then the secrets, each in the order of its file. */
export function readExamples(): readonly Setting[] {
  return [
    ...parse(readFileSync('functions/.env.example', 'utf8'), false),
    ...parse(readFileSync('functions/.secret.local.example', 'utf8'), true),
  ];
}

/** Settings that stand together share the comment above the first of them. */
function parse(text: string, isSecret: boolean): Setting[] {
  const settings: Setting[] = [];
  let comment: string[] = [];
  let isOpen = false;
  for (const line of text.split('\n')) {
    const name = /^(?:# )?([A-Z][A-Z0-9_]*)=/.exec(line)?.[1];
    if (name !== undefined) {
      settings.push({ name, purpose: comment.join(' '), isSecret });
      isOpen = false;
    } else if (line.startsWith('# ')) {
      comment = isOpen ? [...comment, line.slice(2)] : [line.slice(2)];
      isOpen = true;
    } else {
      isOpen = false;
    }
  }
  return settings;
}
