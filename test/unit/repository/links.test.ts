import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const pages = globSync('{*.md,.github/*.md,docs/**/*.md,functions/src/**/*.md,test/**/*.md}');

/** A page without its code, where brackets are no links. */
function textOf(page: string): string {
  return readFileSync(page, 'utf8')
    .replace(/^( *)```.*?^\1```/gms, '')
    .replace(/`[^`\n]+`/g, (code) => code.replace(/[[\]()]/g, ''));
}

/** The name that GitHub gives to a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/** Why a link of a page leads nowhere; undefined when it leads somewhere. */
function fault(page: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(target)) return `${link}: there is no ${target}`;
  if (anchor === undefined || statSync(target).isDirectory()) return undefined;
  const headings = [...textOf(target).matchAll(/^#+ (.+)$/gm)];
  const anchors = headings.map((match) => anchorOf(match[1] ?? ''));
  return anchors.includes(anchor) ? undefined : `${link}: ${target} has no such heading`;
}

test('there are pages with links', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/decisions/README.md']));
});

test.each(pages)('every link and picture of %s leads somewhere', (page) => {
  const links = [...textOf(page).matchAll(/(?:\]\(|src=")(?!\w+:)([^)"\s]+)/g)].map(
    (match) => match[1] ?? '',
  );
  expect(links.flatMap((link) => fault(page, link) ?? [])).toEqual([]);
});
