/**
 * What the Retail API and its clients call a gateway, where that is not our own name for it. The
 * spelling is theirs, so it is known here alone and no row, path or gateway has to follow it.
 */
const retailNames: ReadonlyMap<string, string> = new Map([['googleplay', 'gplay']]);

export function retailNameOf(gateway: string): string {
  return retailNames.get(gateway) ?? gateway;
}
