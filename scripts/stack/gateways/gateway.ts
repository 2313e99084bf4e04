import type { Values } from '../values.ts';

/** A gateway as it is set up locally: its stand-in, and what the functions must know of it. */
export interface LocalGateway {
  /** The gateway's folder in `functions/src/gateways`. */
  readonly name: string;
  /** What the stand-in is called on screen. */
  readonly title: string;
  readonly port: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Starts the stand-in with the values that the functions are given. */
  start(values: Values): Promise<{ stop(): Promise<void> }>;
}
