import { OpsFailure, OpsMistake } from './ops/client.ts';
import { readCommand, run, usage } from './ops/commands.ts';
import { configure, connect } from './ops/connect.ts';
import { openStaffDesk, staffCommand } from './ops/staff.ts';

/*
 * The command line of the staff: `npm run ops -- <command>` on the stack, and with
 * `GOOGLE_CLOUD_PROJECT=<project>` before it on a project. See docs/staff.md.
 */

/** 0: done; 1: it was not done, and the text says what to do; 2: it was asked for wrongly. */
async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === 'help') {
    console.log(usage);
    return 0;
  }
  const command = readCommand(argv);
  if (typeof command === 'string') {
    console.error(`${command}\n\n${usage}`);
    return 2;
  }
  const project = process.env['GOOGLE_CLOUD_PROJECT'];
  await configure(project);
  const text =
    command.name === 'staff'
      ? await staffCommand(command.words, await openStaffDesk())
      : await run(command, await connect(project));
  console.log(text);
  return 0;
}

function fail(error: unknown): void {
  if (error instanceof OpsFailure) console.error(error.message);
  else {
    const message = error instanceof Error ? error.message : String(error);
    const advice = 'sign in with gcloud auth application-default login, as a user who may.';
    console.error(`${message}\nOn a project, for staff: ${advice}`);
  }
  process.exitCode = error instanceof OpsMistake ? 2 : 1;
}

// The Admin SDK throws some faults of credentials where no caller can catch them.
process.once('uncaughtException', (error) => {
  fail(error);
  process.exit();
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  fail(error);
}
