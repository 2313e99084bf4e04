import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const load = createRequire(import.meta.url);

/** A function as this version declares it. */
export interface Expected {
  readonly name: string;
  readonly region: string;
  readonly secrets: readonly string[];
  readonly isScheduled: boolean;
}

interface Declared {
  readonly __endpoint?: {
    readonly region: readonly string[];
    readonly secretEnvironmentVariables?: readonly { readonly key: string }[];
    readonly scheduleTrigger?: object;
  };
}

/**
 * The functions that a deployment of this version has.
 * @param gateways those that are on.
 */
export function expectedFunctions(gateways: readonly string[]): readonly Expected[] {
  const groups = [
    ...gateways.map((name) => [name, `gateways/${name}`] as const),
    ...['app', 'staff', 'sync'].map((name) => [name, name] as const),
  ];
  return groups.flatMap(([group, folder]) => {
    const declared = load(resolve('functions/lib', folder, 'index.js')) as Record<string, Declared>;
    return Object.entries(declared).flatMap(([entry, { __endpoint: endpoint }]) => {
      if (endpoint === undefined) return [];
      const secrets = endpoint.secretEnvironmentVariables?.map(({ key }) => key) ?? [];
      const isScheduled = endpoint.scheduleTrigger !== undefined;
      const region = endpoint.region[0] ?? '';
      return [{ name: `${group}-${entry}`, region, secrets, isScheduled }];
    });
  });
}
