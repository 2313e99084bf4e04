import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { parseEnv } from 'node:util';

/** Something that the operator is asked. */
export interface Question {
  /** The name of a variable or a secret, or `GATEWAYS`. */
  readonly name: string;
  readonly purpose: string;
  /** What is wrong with what is there, in the doctor's words. */
  readonly cause: string;
  /** What an empty answer means. */
  readonly suggestion?: string | undefined;
  readonly isSecret: boolean;
}

export interface Answers {
  /** Settings that are answered in any case, right or not. */
  readonly names: readonly string[];
  /** Undefined: not now. */
  answer(question: Question): Promise<string | undefined>;
  /** Whether a value that is there may be replaced by another, as the question says. */
  mayReplace(question: string): Promise<boolean>;
  close(): void;
}

/** Answers from a file in the form of an env file, each given once. */
export function answersOf(path: string, overwrite: boolean): Answers {
  const file = Object.entries(parseEnv(readFileSync(path, 'utf8')));
  const given = new Map(
    file.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return {
    names: [...given.keys()],
    answer: async ({ name, suggestion }) => {
      const value = given.get(name) ?? suggestion;
      given.delete(name);
      return value;
    },
    mayReplace: async () => overwrite,
    close: () => undefined,
  };
}

/** How long the rest of a paste may take to arrive, in ms. */
const PASTE_MS = 100;

/** Answers of a person at a terminal. A secret is not shown while it is typed. */
export function answersFromTerminal(): Answers {
  let isHidden = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!isHidden) process.stdout.write(chunk);
      done();
    },
  });
  // Without a history: the arrow up would show a secret.
  const terminal = createInterface({
    input: process.stdin,
    output,
    terminal: true,
    historySize: 0,
  });
  // Ctrl-C, or the end of the input: nothing is written before all is answered.
  const leave = () => {
    process.exit(130);
  };
  terminal.once('close', leave);
  const ask = async (text: string, hide: boolean): Promise<string> => {
    // What is hidden includes the question.
    if (hide) process.stdout.write(text);
    isHidden = hide;
    const line = await terminal.question(text);
    // The lines that are pasted behind the first are not shown either.
    if (hide) await pause(PASTE_MS);
    isHidden = false;
    if (hide) process.stdout.write('\n');
    return line.trim();
  };
  const askSecret = async (text: string): Promise<string> => {
    const line = await ask(text, true);
    try {
      if (line.startsWith('-----BEGIN')) throw new Error('Only one line arrives');
      return line.startsWith('@') ? readFileSync(line.slice(1), 'utf8') : line;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      process.stdout.write(`  ${reason}: give @ and the path of the file.\n`);
      return askSecret(text);
    }
  };
  return {
    names: [],
    answer: async ({ name, purpose, cause, suggestion, isSecret }) => {
      const empty = suggestion === undefined ? 'empty: leave it' : `empty: ${suggestion}`;
      const hint = isSecret ? `${empty}; @path: what the file holds` : empty;
      const text = `\n${name} ${cause}. ${purpose}\n  (${hint}) `;
      const line = await (isSecret ? askSecret(text) : ask(text, false));
      return line === '' ? suggestion : line;
    },
    mayReplace: async (question) => {
      const line = await ask(`${question} [y/N] `, false);
      return /^y(es)?$/i.test(line);
    },
    close: () => {
      terminal.off('close', leave);
      terminal.close();
    },
  };
}
