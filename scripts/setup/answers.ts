import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
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
  /** Whether a value that is there may be replaced by another. */
  mayReplace(name: string): Promise<boolean>;
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

/** Answers of a person at a terminal. A secret is not shown while it is typed. */
export function answersFromTerminal(): Answers {
  let isHidden = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!isHidden) process.stdout.write(chunk);
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
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
    isHidden = false;
    if (hide) process.stdout.write('\n');
    return line.trim();
  };
  return {
    names: [],
    answer: async ({ name, purpose, cause, suggestion, isSecret }) => {
      const empty = suggestion === undefined ? 'empty: leave it' : `empty: ${suggestion}`;
      const line = await ask(`\n${name} ${cause}. ${purpose}\n  (${empty}) `, isSecret);
      return line === '' ? suggestion : line;
    },
    mayReplace: async (name) => {
      const line = await ask(`${name} has another value. Replace it? [y/N] `, false);
      return /^y(es)?$/i.test(line);
    },
    close: () => {
      terminal.off('close', leave);
      terminal.close();
    },
  };
}
