import type { Published } from '../../functions/src/http/call.ts';

/** A line of `hosting.rewrites` in `firebase.json`. The Firebase CLI adds the function's own region. */
export interface Rewrite {
  readonly source: string;
  readonly function: string;
}

/** What `functions/src/index.ts` exports; a scheduled function publishes nothing. */
type Groups = Readonly<
  Record<string, Readonly<Record<string, { readonly published?: Published | undefined }>>>
>;

/**
 * The addresses that Hosting passes on: `/api/<name>` of every webhook and every call of the apps, and
 * the aliases. All others answer 404.
 *
 * Calls of the staff stay on the functions' own address. So do webhooks that look at the caller's
 * address, which Hosting does not tell (see docs/decisions/0052).
 * @param aliases functions by the further address.
 * @throws Error for an alias that is no address of its own, or leads to none of these functions.
 */
export function rewritesOf(
  groups: Groups,
  aliases: Readonly<Record<string, string>>,
): readonly Rewrite[] {
  const names = Object.entries(groups).flatMap(([group, entries]) =>
    Object.entries(entries).flatMap(([entry, { published }]) =>
      published !== undefined && isThroughHosting(published) ? [`${group}-${entry}`] : [],
    ),
  );
  const own = names.toSorted().map((name) => ({ source: `/api/${name}`, function: name }));
  const taken = new Set(own.map(({ source }) => source));
  const others = Object.entries(aliases).map(([source, name]) => {
    if (!/^(\/[A-Za-z0-9_.-]+)+$/.test(source) || taken.has(source)) {
      throw new Error(
        `The alias ${source} is not a path of its own: write it as /api/stripeWebhook`,
      );
    }
    if (!names.includes(name)) {
      throw new Error(`The alias ${source} leads to ${name}, which Hosting does not pass on`);
    }
    return { source, function: name };
  });
  return [...own, ...others];
}

function isThroughHosting(published: Published): boolean {
  return published.kind === 'webhook'
    ? !published.isHeldToAddresses
    : published.contract.staffRole === undefined;
}
