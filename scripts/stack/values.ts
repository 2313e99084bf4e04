export const PROJECT = 'demo-temp-number';

/** Where the functions run, on the stack and on a project: `FUNCTIONS_REGION`. */
function readRegion(): string {
  return process.env['FUNCTIONS_REGION']?.trim() || 'us-central1';
}

export const REGION = readRegion();

export const DEFAULT_DATABASE = '(default)';

/** The Firestore database that this process is configured with: `FIRESTORE_DATABASE`. */
export function readDatabase(): string {
  return process.env['FIRESTORE_DATABASE']?.trim() || DEFAULT_DATABASE;
}

/** One port a component, all on the loopback address; a gateway's stand-in names its own. */
export const ports = {
  functions: 5001,
  hosting: 5002,
  auth: 9099,
  hub: 4400,
  logging: 4500,
  firestore: 8080,
  firestoreControl: 8081,
  retail: 9200,
  google: 9210,
  webClient: 9290,
} as const;

export function origin(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** Where the functions answer: a slash and a function's name follow. */
export const functionsUrl = `${origin(ports.functions)}/${PROJECT}/${REGION}`;

/** Where a function answers. */
export function functionUrl(name: string): string {
  return `${functionsUrl}/${name}`;
}

/** Where Hosting passes requests on to a function. */
export function hostedUrl(name: string): string {
  return `${origin(ports.hosting)}/api/${name}`;
}

/** Where the functions of a project answer: in the region that this process is configured with. */
export function deployedUrl(project: string): string {
  return `https://${readRegion()}-${project}.cloudfunctions.net`;
}

/** What the functions are configured with, by the variable's name. */
export interface Values {
  readonly parameters: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

export function valueOf({ parameters, secrets }: Values, name: string): string {
  const value = parameters[name] ?? secrets[name];
  if (value === undefined) throw new Error(`the stack has no value for ${name}`);
  return value;
}
